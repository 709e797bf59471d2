#include "duet/ops/linear.h"

#include <gtest/gtest.h>

#include "duet/core/random.h"
#include "duet/ops/machine.h"

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

/// Wider and longer than what the kernels take at a time, and no multiple of anything.
struct Large {
  Tensor x, weight, bias, gradient;

  explicit Large(torch::ScalarType type) {
    auto generator = make_generator(3);
    const auto normal = [&](std::vector<int64_t> sizes) { return torch::empty(sizes).normal_(0, 1, generator); };
    // Weights that bfloat16 holds: else y lies on the other side of zero, where the slope is another, now and then.
    x = normal({531, 203}).to(type), weight = normal({307, 203}).to(type).to(torch::kFloat32), bias = normal({307});
    gradient = normal({531, 307}).to(type);
  }
  /// The product and its gradients.
  std::vector<Tensor> results() const {
    const auto a = x.detach().requires_grad_(), b = weight.detach().requires_grad_();
    const auto y = Linear().apply(a, b, bias, 0.2);
    auto all = torch::autograd::grad({y}, {a, b}, {gradient});
    all.push_back(y.detach());
    return all;
  }
};

TEST(Linear, EqualsLibTorchsForManyExamples) {
  for (const auto& [type, tolerance] : {std::pair{torch::kFloat32, 1e-5}, std::pair{torch::kBFloat16, 0.01}}) {
    const Large large(type);
    const auto ours = large.results();
    const auto x = large.x.to(torch::kFloat64).requires_grad_();
    const auto weight = large.weight.to(torch::kFloat64).requires_grad_();
    const auto y = torch::leaky_relu(torch::linear(x, weight, large.bias.to(torch::kFloat64)), 0.2);
    auto truth = torch::autograd::grad({y}, {x, weight}, {large.gradient.to(torch::kFloat64)});
    truth.push_back(y.detach());
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_LE(relative_error(ours[i], truth[i]), tolerance) << i;
  }
}

TEST(Linear, GivesTheSameBytesWhateverTheThreadsAndTheOtherExamples) {
  if (!has_avx512()) GTEST_SKIP() << "needs a CPU with AVX-512";
  const int threads = at::get_num_threads();
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    if (type == torch::kBFloat16 && (!has_bfloat16() || has_amx())) continue;  // oneDNN's
    const Large large(type);
    const auto all = large.results();
    for (const int count : {1, 3}) {
      at::set_num_threads(count);
      const auto again = large.results();
      for (size_t i = 0; i < all.size(); ++i) EXPECT_TRUE(torch::equal(again[i], all[i])) << count << " threads, " << i;
    }
    at::set_num_threads(threads);
    const auto alone = Linear().apply(large.x.narrow(0, 529, 1), large.weight, large.bias, 0.2);
    EXPECT_TRUE(torch::equal(alone, all[2].narrow(0, 529, 1)));
  }
}

}  // namespace
}  // namespace duet
