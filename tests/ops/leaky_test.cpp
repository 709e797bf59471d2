#include "duet/ops/leaky.h"

#include <gtest/gtest.h>

#include "duet/core/random.h"

namespace duet {
namespace {

TEST(LeakyGradient, EqualsLibTorchsForRowsAndPicturesInEitherLayoutAndPrecision) {
  for (uint64_t i = 0; i < 40; ++i) {
    Random random(5, 0, i);
    auto generator = make_generator(i);
    const int64_t channels = 1 + random.below(70);
    const auto size = i % 2 ? std::vector<int64_t>{1 + random.below(200), channels}
                            : std::vector<int64_t>{1 + random.below(9), channels, 1 + random.below(40), 17};
    const auto type = i % 4 < 2 ? torch::kFloat32 : torch::kBFloat16;
    const auto normal = [&](bool channels_last) {
      const auto t = torch::empty(size).normal_(0, 1, generator).to(type);
      return channels_last ? t.contiguous(torch::MemoryFormat::ChannelsLast) : t;
    };
    const auto gradient = normal(size.size() == 4 && i % 3 == 0), y = normal(size.size() == 4);
    const double slope = i % 5 == 0 ? 1 : i % 5 == 1 ? 0 : 0.2;
    SCOPED_TRACE(testing::Message() << i << ": " << size << " slope " << slope);
    torch::NoGradGuard no_grad;
    const auto [to_z, to_bias] = leaky_gradient(gradient, y, slope, i % 7 != 0);
    const auto truth = slope == 1 ? gradient : at::leaky_relu_backward(gradient, y, slope, true);
    EXPECT_TRUE(torch::equal(to_z, truth));
    ASSERT_EQ(to_bias.defined(), i % 7 != 0);
    if (!to_bias.defined()) continue;
    const auto sum = truth.to(torch::kFloat64).transpose(0, 1).flatten(1).sum(1);
    EXPECT_EQ(to_bias.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::allclose(to_bias.to(torch::kFloat64), sum, 1e-5, 1e-4));
  }
}

TEST(LeakyGradient, CanBeDifferentiatedAgainAndHasNoDerivativeInTheSigns) {
  const auto gradient = torch::randn({4, 3}).requires_grad_(), y = torch::randn({4, 3}).requires_grad_();
  const auto [to_z, to_bias] = leaky_gradient(gradient, y, 0.2, true);
  (to_z.square().sum() + to_bias.sum()).backward();
  const auto factor = torch::where(y > 0, torch::ones({}), torch::full({}, 0.2)).detach();
  // Where both terms are about as large their sum has the rounding of its terms.
  EXPECT_TRUE(torch::allclose(gradient.grad(), 2 * gradient * factor.square() + factor, 1e-5, 1e-6));
  EXPECT_FALSE(y.grad().defined());
}

}  // namespace
}  // namespace duet
