#include "duet/score/halves.h"

#include <algorithm>

#include "duet/core/random.h"
#include "duet/score/example_bytes.h"

namespace duet {

std::array<std::vector<int64_t>, 2> halves_of(int64_t count, uint64_t seed) {
  const auto order = permutation(count, Random(seed, 3));
  std::array<std::vector<int64_t>, 2> halves;
  for (int64_t i = 0; i < count / 2 * 2; ++i) halves[i < count / 2 ? 0 : 1].push_back(order[static_cast<size_t>(i)]);
  for (auto& half : halves) std::sort(half.begin(), half.end());
  return halves;
}

std::array<std::vector<int64_t>, 2> halves_of(const Dataset& held_out, int64_t at_most, uint64_t seed) {
  const auto all = stratified_indices(held_out.info().size, std::min(held_out.info().size, at_most));
  auto halves = halves_of(std::ssize(all), seed);
  for (auto& half : halves)
    for (auto& index : half) index = all[static_cast<size_t>(index)];
  return halves;
}

}  // namespace duet
