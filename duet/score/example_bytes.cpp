#include "duet/score/example_bytes.h"

#include <algorithm>

#include "duet/core/random.h"
#include "duet/data/tensors.h"

namespace duet {

std::vector<int64_t> stratified_indices(int64_t size, int64_t count) {
  count = std::min(size, count);
  Random random(0, 5);
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first = i * size / count, end = (i + 1) * size / count;
    indices.push_back(first + random.below(end - first));
  }
  return indices;
}

Tensor example_bytes(const Dataset& dataset, std::span<const int64_t> indices, Range range) {
  auto stored = read_examples(dataset, indices);
  return stored.scalar_type() == torch::kUInt8 ? stored : to_bytes(stored, range);
}

}  // namespace duet
