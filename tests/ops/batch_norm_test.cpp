#include "duet/ops/batch_norm.h"

#include <gtest/gtest.h>

#include "duet/core/random.h"

namespace duet {
namespace {

double relative_error(const Tensor& a, const Tensor& b) {
  const auto x = a.detach().to(torch::kFloat64), y = b.detach().to(torch::kFloat64);
  return ((x - y).norm() / y.norm().clamp_min(1e-12)).item<double>();
}

std::vector<Tensor> derivatives(const Tensor& y, const std::vector<Tensor>& inputs, const Tensor& weight, bool second) {
  // Weighted, because plain sums of a normalised batch have no gradient.
  auto out = torch::autograd::grad({(y.to(weight.scalar_type()) * weight).sum()}, inputs, {}, true, second);
  if (!second) return out;
  const auto loss = out[0].square().sum() + out[1].square().sum() + out[2].square().sum();
  auto more = torch::autograd::grad({loss}, inputs, {}, false, false, /*allow_unused=*/true);
  for (size_t i = 0; i < more.size(); ++i)
    if (!more[i].defined()) more[i] = torch::zeros_like(inputs[i]);
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

void compare(torch::ScalarType type, bool second, double tolerance) {
  for (uint64_t i = 0; i < 24; ++i) {
    Random random(3, 0, i);
    auto generator = make_generator(i);
    const auto normal = [&](std::vector<int64_t> sizes) {
      return torch::empty(sizes, torch::kFloat32).normal_(0, 1, generator);
    };
    const int64_t channels = 1 + random.below(40);
    const auto size = i % 2 ? std::vector<int64_t>{8 + random.below(30), channels}
                            : std::vector<int64_t>{2 + random.below(5), channels, 1 + random.below(30), 17};
    const double slope = i % 3 == 0 ? 1 : i % 3 == 1 ? 0.2 : 0;
    SCOPED_TRACE(testing::Message() << i << " " << size << " slope " << slope);
    const auto x = (normal(size) + 30).to(type).requires_grad_();
    const auto scale = (normal({channels}) + 1).requires_grad_(), shift = normal({channels}).requires_grad_();
    const auto weight = normal(size);
    const auto doubled = [](const Tensor& t) { return t.detach().to(torch::kFloat64).requires_grad_(); };
    const auto x2 = doubled(x), scale2 = doubled(scale), shift2 = doubled(shift);
    RunningStatistics ours{torch::zeros({channels}), torch::ones({channels}), 0.1},
        theirs{torch::zeros({channels}, torch::kFloat64), torch::ones({channels}, torch::kFloat64), 0.1};
    const auto y = batch_norm(x, scale, shift, ours, 1e-5, slope);
    const auto z = torch::batch_norm(x2, scale2, shift2, theirs.mean, theirs.variance, true, 0.1, 1e-5, false);
    const auto y2 = torch::leaky_relu(z, slope);
    EXPECT_EQ(y.scalar_type(), type);
    EXPECT_LE(relative_error(y, y2), tolerance);
    EXPECT_LE(relative_error(ours.mean, theirs.mean), 1e-5);
    EXPECT_LE(relative_error(ours.variance, theirs.variance), 1e-5);
    const auto a = derivatives(y, {x, scale, shift}, weight, second);
    const auto b = derivatives(y2, {x2, scale2, shift2}, weight.to(torch::kFloat64), second);
    for (size_t k = 0; k < a.size(); ++k) EXPECT_LE(relative_error(a[k], b[k]), 10 * tolerance) << "gradient " << k;
  }
}

// The means lie 30 deviations from zero, which costs float32 five bits; gradients of small batches are small
// differences of large numbers, hence their factor of ten.
TEST(BatchNorm, EqualsLibTorchsInFloat32) { compare(torch::kFloat32, false, 2e-5); }
TEST(BatchNorm, EqualsLibTorchsSecondDerivatives) { compare(torch::kFloat32, true, 1e-4); }
TEST(BatchNorm, InBfloat16StaysNearTheTruth) { compare(torch::kBFloat16, false, 0.01); }

TEST(BatchNorm, OfGroupsIsThatOfEachByItself) {
  auto generator = make_generator(7);
  const auto normal = [&](std::vector<int64_t> sizes) { return torch::empty(sizes).normal_(0, 1, generator); };
  for (const bool second : {false, true}) {
    const auto x = normal({6, 20, 9, 5}).requires_grad_(), weight = normal({6, 20, 9, 5});
    const auto scale = normal({20}).requires_grad_(), shift = normal({20}).requires_grad_();
    RunningStatistics together{torch::zeros({20}), torch::ones({20}), 0.1},
        apart{torch::zeros({20}), torch::ones({20})};
    const auto y = batch_norm(x, scale, shift, together, 1e-5, 0.2, /*groups=*/3);
    std::vector<Tensor> each;
    for (const auto& group : x.chunk(3)) each.push_back(batch_norm(group, scale, shift, apart, 1e-5, 0.2));
    const auto y2 = torch::cat(each);
    EXPECT_TRUE(torch::equal(y, y2));
    EXPECT_TRUE(torch::equal(together.mean, apart.mean) && torch::equal(together.variance, apart.variance));
    const auto a = derivatives(y, {x, scale, shift}, weight, second);
    const auto b = derivatives(y2, {x, scale, shift}, weight, second);
    for (size_t k = 0; k < a.size(); ++k) EXPECT_LE(relative_error(a[k], b[k]), 1e-5) << "gradient " << k;
  }
}

}  // namespace
}  // namespace duet
