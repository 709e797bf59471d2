#include "duet/ops/convolution.h"

#include <gtest/gtest.h>

#include "duet/core/random.h"
#include "duet/ops/machine.h"
#include "duet/ops/winograd.h"

namespace duet {
namespace {

/// A random layer: window, picture, weight of the convolution, bias of either.
struct Sample {
  Window window;
  Sides output_padding = 0;
  Tensor picture, map, weight, bias, transposed_bias;
};

std::vector<int64_t> pair(const Sides& sides) { return {sides.height, sides.width}; }

Sample fill(uint64_t i, torch::ScalarType type, Sample s, int64_t n, int64_t c, int64_t k, int64_t side,
            int64_t map_side) {
  auto generator = make_generator(i);
  const auto normal = [&](std::vector<int64_t> sizes) {
    return torch::empty(sizes, torch::kFloat64).normal_(0, 1, generator).to(type).requires_grad_();
  };
  s.picture = normal({n, c, side, side + 1});
  s.map = normal({n, k, map_side, map_side + 1});
  s.weight = normal({k, c, s.window.kernel.height, s.window.kernel.width});
  s.bias = normal({k});
  s.transposed_bias = normal({c});
  return s;
}

/// Of one dimension.
struct Slide {
  int64_t kernel, stride, padding, output_padding;
};

Slide random_slide(Random& random) {
  const int64_t stride = 1 + random.below(3), kernel = stride + random.below(4);
  const int64_t padding = random.below(kernel / 2 + 1);
  return {kernel, stride, padding, random.below(stride)};
}

Sample random_sample(uint64_t i, torch::ScalarType type) {
  Random random(7, 0, i);
  Sample s;
  const auto [kernel, stride, padding, output_padding] = random_slide(random);
  s.window = {kernel, stride, padding}, s.output_padding = output_padding;
  const int64_t n = 1 + random.below(3), c = 1 + random.below(20), k = 1 + random.below(20);
  const int64_t side = kernel + random.below(6);
  return fill(i, type, s, n, c, k, side, 2 + random.below(3));
}

/// One whose window is another across than down.
Sample oblong_sample(uint64_t i, torch::ScalarType type) {
  Random random(7, 2, i);
  Sample s;
  const auto down = random_slide(random);
  auto along = random_slide(random);
  while (along.kernel == down.kernel && along.stride == down.stride && along.padding == down.padding)
    along = random_slide(random);
  s.window = {{down.kernel, along.kernel}, {down.stride, along.stride}, {down.padding, along.padding}};
  s.output_padding = {down.output_padding, along.output_padding};
  // Some of as many channels as Winograd's algorithm, were it for them, and products of patches are used for.
  const bool wide = i % 5 == 0;
  const int64_t n = 1 + random.below(3), c = wide ? 16 : 1 + random.below(20), k = wide ? 32 : 1 + random.below(20);
  const int64_t side = std::max(down.kernel, along.kernel) + random.below(6);
  return fill(i, type, s, n, c, k, side, 3 + random.below(3));
}

/// One that Winograd's algorithm is used for: groups of 16 channels, enough places, two or three taps per phase.
Sample wide_sample(uint64_t i, torch::ScalarType type) {
  constexpr Window kWindows[] = {{4, 2, 1}, {5, 2, 2}, {3, 1, 1}, {6, 2, 0}, {3, 1, 0}};
  Random random(7, 1, i);
  Sample s;
  s.window = kWindows[i % std::size(kWindows)];
  s.output_padding = random.below(s.window.stride.width);
  const int64_t n = 14 + random.below(3), c = 16 * (3 + random.below(2)), k = 16 * (3 + random.below(3));
  const int64_t map_side = 16 + random.below(3), side = map_side * s.window.stride.width + random.below(2);
  return fill(i, type, s, n, c, k, side, map_side);
}

double relative_error(const Tensor& a, const Tensor& b) {
  const auto x = a.detach().to(torch::kFloat64), y = b.detach().to(torch::kFloat64);
  return ((x - y).norm() / y.norm().clamp_min(1e-30)).item<double>();
}

/// First and second derivatives: the gradients of y's squares, and the gradients of the sum of their squares.
std::vector<Tensor> derivatives(const Tensor& y, const std::vector<Tensor>& inputs) {
  auto first = torch::autograd::grad({y.square().sum()}, inputs, {}, true, true);
  Tensor loss = torch::zeros({}, y.options());
  for (const auto& gradient : first) loss = loss + gradient.square().sum();
  const auto second = torch::autograd::grad({loss}, inputs);
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::vector<Tensor> in_double(const std::vector<Tensor>& leaves) {
  std::vector<Tensor> out;
  for (const auto& t : leaves) out.push_back(t.detach().to(torch::kFloat64).requires_grad_());
  return out;
}

void expect_near(const Tensor& y, const std::vector<Tensor>& leaves, const Tensor& truth,
                 const std::vector<Tensor>& double_leaves, double tolerance) {
  ASSERT_EQ(y.sizes(), truth.sizes());
  EXPECT_LE(relative_error(y, truth), tolerance);
  const auto ours = derivatives(y, leaves), theirs = derivatives(truth, double_leaves);
  for (size_t i = 0; i < ours.size(); ++i) EXPECT_LE(relative_error(ours[i], theirs[i]), tolerance) << "gradient " << i;
}

void compare_with_libtorch(Sample (*sample)(uint64_t, torch::ScalarType), uint64_t samples, torch::ScalarType type,
                           double tolerance) {
  for (uint64_t i = 0; i < samples; ++i) {
    const auto s = sample(i, type);
    const auto& w = s.window;
    SCOPED_TRACE(testing::Message() << i << ": kernel " << to_string(w.kernel) << ", stride " << to_string(w.stride)
                                    << ", padding " << to_string(w.padding) << ", picture " << s.picture.sizes());
    const Convolution convolution(w);
    const double slope = i % 3 == 0 ? 1 : i % 3 == 1 ? 0.2 : 0;
    {
      const std::vector<Tensor> leaves = {s.picture, s.weight, s.bias};
      const auto d = in_double(leaves);
      const auto truth = torch::conv2d(d[0], d[1], d[2], pair(w.stride), pair(w.padding));
      expect_near(convolution.apply(s.picture, s.weight, s.bias, slope), leaves,
                  slope == 1 ? truth : torch::leaky_relu(truth, slope), d, tolerance);
    }
    {
      const std::vector<Tensor> leaves = {s.map, s.weight, s.transposed_bias};
      const auto d = in_double(leaves);
      expect_near(convolution.apply_transposed(s.map, s.weight, s.transposed_bias, s.output_padding), leaves,
                  torch::conv_transpose2d(d[0], d[1], d[2], pair(w.stride), pair(w.padding), pair(s.output_padding)), d,
                  tolerance);
    }
  }
}

TEST(Convolution, EqualsLibTorchsInFloat32AtRandomShapesUpToSecondDerivatives) {
  compare_with_libtorch(random_sample, 60, torch::kFloat32, 1e-5);
}

TEST(Convolution, EqualsLibTorchsInDoubleAtRandomShapesUpToSecondDerivatives) {
  compare_with_libtorch(random_sample, 60, torch::kFloat64, 1e-12);
}

TEST(Convolution, WithOblongWindowsEqualsLibTorchsUpToSecondDerivatives) {
  compare_with_libtorch(oblong_sample, 60, torch::kFloat32, 1e-5);
  compare_with_libtorch(oblong_sample, 30, torch::kFloat64, 1e-12);
}

TEST(Convolution, ByWinogradEqualsLibTorchsInFloat32UpToSecondDerivatives) {
  compare_with_libtorch(wide_sample, 5, torch::kFloat32, 1e-5);
}

TEST(Convolution, UsesWinogradWhereItSavesMultiplications) {
  if (!has_avx512()) GTEST_SKIP() << "needs a CPU with AVX-512";
  const auto uses = [](const Window& window, const std::vector<int64_t>& x, int64_t channels) {
    WinogradStore store;
    return Winograd::make(window, x, channels, torch::kFloat32, store) != nullptr;
  };
  for (uint64_t i = 0; i < 5; ++i) {
    const auto s = wide_sample(i, torch::kFloat32);
    EXPECT_TRUE(uses(s.window, s.picture.sizes().vec(), s.weight.size(0))) << i;
  }
  EXPECT_TRUE(uses({3, 1, 1}, {64, 64, 16, 16}, 64));
  EXPECT_FALSE(uses({{3, 2}, 1, 1}, {64, 64, 16, 16}, 64)) << "an oblong kernel";
  EXPECT_FALSE(uses({3, {1, 2}, 1}, {64, 64, 16, 16}, 64)) << "strides of two lengths";
  EXPECT_FALSE(uses({3, 1, {1, 0}}, {64, 64, 16, 16}, 64)) << "more padding above than beside";
  EXPECT_FALSE(uses({4, 2, 1}, {64, 3, 64, 64}, 64)) << "of three channels";
  EXPECT_FALSE(uses({4, 1, 0}, {64, 512, 4, 4}, 16)) << "four taps";
  EXPECT_FALSE(uses({4, 2, 1}, {2, 64, 8, 8}, 64)) << "less work than bringing the weights";
}

TEST(Convolution, APenaltysSecondDerivativeTakesNoMoreThanItsFourProducts) {
  // The way forward, the picture's gradient, and the gradients of that in the weight and in what was sent back; nothing
  // flows through the signs that the activation's gradient is made of.
  const Convolution convolution({4, 2, 1});
  const auto x = torch::randn({2, 3, 8, 8}).requires_grad_(), weight = torch::randn({5, 3, 4, 4}).requires_grad_();
  const auto bias = torch::randn({5}).requires_grad_();
  const auto y = convolution.apply(x, weight, bias, 0.2);
  const auto towards = torch::randn(y.sizes()).requires_grad_();
  const auto gradient = torch::autograd::grad({y}, {x}, {towards}, true, true)[0];
  gradient.square().sum().backward();
  EXPECT_EQ(convolution.work().products, 4);
  EXPECT_TRUE(weight.grad().defined());
  EXPECT_TRUE(towards.grad().defined());
  EXPECT_FALSE(bias.grad().defined());
}

TEST(Convolution, ByWinogradInBfloat16StaysNearTheTruth) {
  // Windows and weights are rounded at their points once more than in a direct product.
  for (uint64_t i = 0; i < 5; ++i) {
    const auto s = wide_sample(i, torch::kFloat32);
    SCOPED_TRACE(i);
    const auto d = in_double({s.picture.to(torch::kBFloat16), s.weight});
    const auto truth = torch::conv2d(d[0], d[1], {}, pair(s.window.stride), pair(s.window.padding));
    const auto picture = s.picture.detach().to(torch::kBFloat16).requires_grad_();
    const auto y = Convolution(s.window).apply(picture, s.weight);
    EXPECT_LE(relative_error(y, truth), 0.01);
    const auto towards = torch::ones_like(truth);
    const auto ours = torch::autograd::grad({y}, {picture, s.weight}, {towards.to(torch::kBFloat16)});
    const auto theirs = torch::autograd::grad({truth}, d, {towards});
    for (size_t k = 0; k < ours.size(); ++k) EXPECT_LE(relative_error(ours[k], theirs[k]), 0.01) << k;
  }
}

TEST(Convolution, ByWinogradGivesTheSameBytesWhateverTheThreads) {
  const auto s = wide_sample(0, torch::kFloat32);
  const int before = at::get_num_threads();
  std::vector<std::vector<Tensor>> results;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    const auto y = Convolution(s.window).apply(s.picture, s.weight, s.bias, 0.2);
    results.push_back(torch::autograd::grad({y.square().sum()}, {s.picture, s.weight}));
    results.back().push_back(y);
  }
  at::set_num_threads(before);
  for (const auto& result : results)
    for (size_t k = 0; k < result.size(); ++k) EXPECT_TRUE(torch::equal(result[k], results[0][k])) << k;
}

TEST(Convolution, InBfloat16KeepsWeightGradientsInFloat32AndStaysNearTheTruth) {
  // bfloat16 has 8 bits: inputs are rounded by up to 0.4 %, results and their gradients once more each.
  for (uint64_t i = 0; i < 40; ++i) {
    const auto s = (i % 2 == 0 ? random_sample : oblong_sample)(i / 2, torch::kFloat32);
    SCOPED_TRACE(i);
    const Convolution convolution(s.window);
    const auto picture = s.picture.detach().to(torch::kBFloat16).requires_grad_();
    const auto y = convolution.apply(picture, s.weight, s.bias);
    EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
    const auto d = in_double({s.picture, s.weight, s.bias});
    const auto truth = torch::conv2d(d[0], d[1], d[2], pair(s.window.stride), pair(s.window.padding));
    EXPECT_LE(relative_error(y, truth), 0.01);
    const auto ours = torch::autograd::grad({y.to(torch::kFloat32).square().sum()}, {picture, s.weight, s.bias});
    const auto theirs = torch::autograd::grad({truth.square().sum()}, d);
    EXPECT_EQ(ours[1].scalar_type(), torch::kFloat32);
    for (size_t k = 0; k < ours.size(); ++k) EXPECT_LE(relative_error(ours[k], theirs[k]), 0.02) << k;
  }
}

TEST(Convolution, GathersPatchesForTheWeightGradientOfManyChannelsInBfloat16) {
  // From 16 channels to 64 on; odd sides, a stride that leaves a rest, padding on all sides.
  for (const auto& window : {Window{4, 2, 1}, Window{3, 1, 1}, Window{5, 2, 2}, Window{3, 3, 0}, Window{2, 3, 1},
                             Window{{3, 5}, {1, 2}, {0, 2}}, Window{{4, 1}, {2, 1}, {1, 0}}}) {
    auto generator = make_generator(3);
    const auto normal = [&](std::vector<int64_t> sizes) { return torch::empty(sizes).normal_(0, 1, generator); };
    const auto x = normal({3, 16, 11, 13}).to(torch::kBFloat16);
    const auto weight = normal({64, 16, window.kernel.height, window.kernel.width}).requires_grad_();
    const auto weight2 = weight.detach().to(torch::kFloat64).requires_grad_();
    const auto y = Convolution(window).apply(x, weight);
    const auto y2 = torch::conv2d(x.to(torch::kFloat64), weight2, {}, pair(window.stride), pair(window.padding));
    const auto towards = normal(y.sizes().vec()).to(torch::kBFloat16);
    const auto ours = torch::autograd::grad({y}, {weight}, {towards})[0];
    const auto theirs = torch::autograd::grad({y2}, {weight2}, {towards.to(torch::kFloat64)})[0];
    // Inputs are the same bfloat16 numbers, sums are float32: the results agree to float32's precision.
    EXPECT_LE(relative_error(ours, theirs), 1e-5)
        << "kernel " << to_string(window.kernel) << ", stride " << to_string(window.stride);
  }
}

TEST(Convolution, SeesWeightsThatWereChangedInPlaceOrReplaced) {
  // By oneDNN and by Winograd's algorithm.
  for (const int64_t channels : {2, 64}) {
    const Convolution convolution({3, 1, 1});
    const auto x = torch::ones({8, channels, 16, 16});
    auto weight = torch::ones({channels, channels, 3, 3});
    const auto middle = [&] {
      const auto y = convolution.apply(x, weight), back = convolution.apply_transposed(x, weight);
      EXPECT_NEAR(y[0][0][5][5].item<float>(), back[0][0][5][5].item<float>(), 1e-2);
      return y[0][0][5][5].item<float>() / static_cast<float>(9 * channels);
    };
    EXPECT_NEAR(middle(), 1, 1e-4);
    weight.mul_(2);
    EXPECT_NEAR(middle(), 2, 1e-4);
    for (int i = 0; i < 20; ++i) {  // a new tensor may lie where the old one was
      weight = Tensor();
      weight = torch::full({channels, channels, 3, 3}, static_cast<double>(i));
      EXPECT_NEAR(middle(), i, 1e-3);
    }
  }
}

TEST(Convolution, DropsWeightsAtThePointsOfOtherLayersWithoutHarm) {
  // Each holds more than half of what is kept, so that each drops the other's.
  const Convolution first({4, 2, 1}), second({4, 2, 1});
  auto generator = make_generator(1);
  const auto normal = [&](std::vector<int64_t> sizes) { return torch::empty(sizes).normal_(0, 1, generator); };
  const auto x = normal({64, 256, 8, 8}), weight = normal({512, 256, 4, 4}), other = normal({512, 256, 4, 4});
  const auto y = first.apply(x, weight), z = second.apply(x, other);
  EXPECT_LE(relative_error(y, torch::conv2d(x, weight, {}, 2, 1)), 1e-5);
  EXPECT_LE(relative_error(z, torch::conv2d(x, other, {}, 2, 1)), 1e-5);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(torch::equal(first.apply(x, weight), y));
    EXPECT_TRUE(torch::equal(second.apply(x, other), z));
  }
}

}  // namespace
}  // namespace duet
