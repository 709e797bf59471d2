#include "duet/ops/linear.h"

#include <gtest/gtest.h>

#include "duet/core/random.h"

namespace duet {
namespace {

double relative_error(const Tensor& a, const Tensor& b) {
  const auto x = a.detach().to(torch::kFloat64), y = b.detach().to(torch::kFloat64);
  return ((x - y).norm() / y.norm().clamp_min(1e-12)).item<double>();
}

void compare(torch::ScalarType type, double tolerance) {
  for (uint64_t i = 0; i < 30; ++i) {
    Random random(5, 0, i);
    auto generator = make_generator(i);
    const auto normal = [&](std::vector<int64_t> sizes) {
      return torch::empty(sizes, torch::kFloat32).normal_(0, 1, generator);
    };
    const int64_t n = 1 + random.below(70), in = 1 + random.below(150), out = 1 + random.below(150);
    const double slope = i % 3 == 0 ? 1 : i % 3 == 1 ? 0.2 : 0;
    const bool has_bias = i % 4 != 0;
    SCOPED_TRACE(testing::Message() << n << " x " << in << " -> " << out << ", slope " << slope);
    const auto weight_type = type == torch::kBFloat16 ? torch::kFloat32 : type;
    const auto x = normal({n, in}).to(type).requires_grad_();
    const auto weight = normal({out, in}).to(weight_type).requires_grad_();
    const auto bias = normal({out}).to(weight_type).requires_grad_();
    const auto doubled = [](const Tensor& t) { return t.detach().to(torch::kFloat64).requires_grad_(); };
    const auto x2 = doubled(x), weight2 = doubled(weight), bias2 = doubled(bias);
    const auto y = Linear().apply(x, weight, has_bias ? bias : Tensor(), slope);
    const auto y2 = torch::leaky_relu(torch::linear(x2, weight2, has_bias ? bias2 : Tensor()), slope);
    EXPECT_EQ(y.scalar_type(), type);
    EXPECT_LE(relative_error(y, y2), tolerance);
    const auto derivatives = [&](const Tensor& result, std::vector<Tensor> inputs) {
      auto out = torch::autograd::grad({result.to(torch::kFloat64).square().sum()}, inputs, {}, true, true);
      Tensor loss = torch::zeros({}, torch::kFloat64);
      for (const auto& g : out) loss = loss + g.to(torch::kFloat64).square().sum();
      if (type == torch::kBFloat16) return out;  // rounded twice, its second derivatives are not near any more
      const auto second = torch::autograd::grad({loss}, inputs);
      out.insert(out.end(), second.begin(), second.end());
      return out;
    };
    auto ours = std::vector<Tensor>{x, weight}, theirs = std::vector<Tensor>{x2, weight2};
    if (has_bias) ours.push_back(bias), theirs.push_back(bias2);
    const auto a = derivatives(y, ours), b = derivatives(y2, theirs);
    for (size_t k = 0; k < a.size(); ++k) EXPECT_LE(relative_error(a[k], b[k]), tolerance) << "gradient " << k;
  }
}

TEST(Linear, EqualsLibTorchsInFloat32UpToSecondDerivatives) { compare(torch::kFloat32, 1e-5); }
TEST(Linear, EqualsLibTorchsInDoubleUpToSecondDerivatives) { compare(torch::kFloat64, 1e-12); }
TEST(Linear, InBfloat16StaysNearTheTruth) { compare(torch::kBFloat16, 0.02); }

}  // namespace
}  // namespace duet
