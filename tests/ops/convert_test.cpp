#include "duet/ops/convert.h"

#include <gtest/gtest.h>

namespace duet {
namespace {

TEST(Converted, EqualsLibTorchsRoundingAndKeepsTheLayout) {
  auto generator = make_generator(2);
  for (const auto& size : std::vector<std::vector<int64_t>>{{1}, {7, 33}, {128, 784}, {5, 16, 9, 7}}) {
    auto x = torch::empty(size).normal_(0, 100, generator);
    if (size.size() == 4) x = x.contiguous(torch::MemoryFormat::ChannelsLast);
    const auto y = converted(x, torch::kBFloat16), z = converted(y, torch::kFloat32);
    EXPECT_TRUE(torch::equal(y, x.to(torch::kBFloat16)));
    EXPECT_TRUE(torch::equal(z, y.to(torch::kFloat32)));
    EXPECT_EQ(y.strides(), x.strides());
    EXPECT_EQ(z.strides(), x.strides());
  }
  const auto odd = torch::tensor({INFINITY, -INFINITY, NAN, 0.0F, -0.0F, 1e-40F, 3.4e38F});
  EXPECT_TRUE(torch::allclose(converted(odd, torch::kBFloat16), odd.to(torch::kBFloat16), 0, 0, /*equal_nan=*/true));
  EXPECT_TRUE(converted(odd, torch::kFloat32).is_same(odd));
}

TEST(Converted, TakesTensorsWithGapsAndOtherTypesAsTheyAre) {
  const auto x = torch::randn({6, 8}).narrow(1, 2, 3);
  EXPECT_TRUE(torch::equal(converted(x, torch::kBFloat16), x.to(torch::kBFloat16)));
  EXPECT_EQ(converted(x, torch::kFloat64).scalar_type(), torch::kFloat64);
}

TEST(Converted, SendsGradientsBackInTheTypeOfWhatWasConverted) {
  const auto x = torch::randn({4, 5}).requires_grad_();
  const auto y = converted(x, torch::kBFloat16);
  const auto first = torch::autograd::grad({converted(y * y, torch::kFloat32).sum()}, {x}, {}, true, true)[0];
  EXPECT_EQ(first.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::allclose(first, 2 * x, 0.02, 0.02));
  const auto second = torch::autograd::grad({first.sum()}, {x})[0];
  EXPECT_TRUE(torch::allclose(second, torch::full({4, 5}, 2.0), 0.02, 0.02));
}

}  // namespace
}  // namespace duet
