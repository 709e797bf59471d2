#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include <gtest/gtest.h>

#include "duet/data/formats/array.h"
#include "duet/score/scorer.h"

namespace duet {
namespace {

/// Points whose columns have the deviations 1000 and 1e-8, the second about `offset` of them off.
Tensor points(int64_t count, uint64_t seed, double offset = 0) {
  auto generator = at::detail::createCPUGenerator(seed);
  auto numbers = torch::randn({count, 2}, generator);
  return (numbers + torch::tensor({0.0, offset})) * torch::tensor({1000.0, 1e-8});
}

std::shared_ptr<const Dataset> dataset(const Tensor& numbers) {
  Array array;
  array.info.name = array.file = "points";
  array.info.shape = {2, 1, 1};
  array.info.element = Element::float32;
  array.info.size = numbers.size(0);
  const auto rows = numbers.to(torch::kFloat32).contiguous();
  const auto* bytes = static_cast<const std::byte*>(rows.data_ptr());
  array.data.assign(bytes, bytes + rows.nbytes());
  return array_dataset(std::move(array));
}

TEST(ColumnsScore, EveryColumnCountsWhateverItsUnit) {
  const auto train = dataset(points(2000, 1)), held_out = dataset(points(2000, 2));
  const Scorer scorer(*train, *held_out, "points", {});
  const auto score = [&](double offset) {
    const auto samples = points(1000, 3, offset).to(torch::kFloat32).view({-1, 2, 1, 1});
    return scorer.score(samples, {-1, 1}, {}, Half::decide).primary.value;
  };
  EXPECT_LT(std::abs(score(0)), 0.02);
  EXPECT_GT(score(2), 0.5);
}

}  // namespace
}  // namespace duet
