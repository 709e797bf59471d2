// Second derivatives where x and y are bfloat16, as a gradient penalty takes them, against double precision.
//
// Gradients are weighed by given numbers, not squared: each second derivative then is one or two products of numbers
// that bfloat16 holds, and what differs from the truth is the rounding of results to its 8 bits.
#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include <gtest/gtest.h>

#include "duet/ops/batch_norm.h"
#include "duet/ops/convolution.h"
#include "duet/ops/linear.h"

namespace duet {
namespace {

using Function = std::function<Tensor(const std::vector<Tensor>& inputs)>;

double relative_error(const Tensor& a, const Tensor& b) {
  const auto x = a.detach().to(torch::kFloat64), y = b.detach().to(torch::kFloat64);
  return ((x - y).norm() / y.norm().clamp_min(1e-12)).item<double>();
}

/// Numbers that bfloat16 holds, in the type asked for.
Tensor drawn(const std::vector<int64_t>& sizes, uint64_t seed, torch::ScalarType type) {
  auto generator = make_generator(seed);
  return torch::empty(sizes).normal_(0, 1, generator).to(torch::kBFloat16).to(type);
}

/// The second derivatives of sum(y * towards): each of its gradients is weighed by given numbers and summed, and the
/// gradients of that sum in all inputs and in `towards` are given back. Zeros where there is nothing to depend on.
std::vector<Tensor> second_derivatives(const Function& f, std::vector<Tensor> inputs, const Tensor& towards,
                                       const std::vector<Tensor>& weights) {
  for (auto& input : inputs) input = input.detach().requires_grad_();
  const auto y = f(inputs);
  const auto to_y = towards.to(y.scalar_type()).requires_grad_();
  const auto first = torch::autograd::grad({y}, inputs, {to_y}, true, true);
  auto penalty = torch::zeros({}, weights[0].options());
  for (size_t i = 0; i < first.size(); ++i)
    penalty = penalty + (first[i].to(weights[i].scalar_type()) * weights[i]).sum();
  inputs.push_back(to_y);
  auto all = torch::autograd::grad({penalty}, inputs, {}, false, false, /*allow_unused=*/true);
  for (size_t i = 0; i < all.size(); ++i)
    if (!all[i].defined()) all[i] = torch::zeros_like(inputs[i]);
  return all;
}

/// `sizes`: of x, then of what stays in float32.
void compare(const Function& ours, const Function& truth, const std::vector<std::vector<int64_t>>& sizes,
             double tolerance) {
  std::vector<Tensor> inputs, doubles, weights, double_weights;
  for (size_t i = 0; i < sizes.size(); ++i) {
    inputs.push_back(drawn(sizes[i], i, i == 0 ? torch::kBFloat16 : torch::kFloat32));
    doubles.push_back(inputs.back().to(torch::kFloat64));
    weights.push_back(drawn(sizes[i], 10 + i, torch::kFloat32));
    double_weights.push_back(weights.back().to(torch::kFloat64));
  }
  const auto towards = drawn(truth(doubles).sizes().vec(), 20, torch::kFloat32);
  const auto a = second_derivatives(ours, inputs, towards, weights);
  const auto b = second_derivatives(truth, doubles, towards.to(torch::kFloat64), double_weights);
  for (size_t i = 0; i < a.size(); ++i) {
    const auto scale = b[i].norm().item<double>();
    if (scale == 0)
      EXPECT_EQ(a[i].norm().item<double>(), 0) << "input " << i << " of " << a.size() - 1;
    else
      EXPECT_LE(relative_error(a[i], b[i]), tolerance) << "input " << i << " of " << a.size() - 1;
  }
}

constexpr double kTolerance = 0.01;

TEST(SecondOrder, InBfloat16OfLinear) {
  for (const double slope : {1.0, 0.2, 0.0}) {
    SCOPED_TRACE(slope);
    const Linear linear;
    compare([&](const auto& in) { return linear.apply(in[0], in[1], in[2], slope); },
            [&](const auto& in) { return torch::leaky_relu(torch::linear(in[0], in[1], in[2]), slope); },
            {{33, 70}, {45, 70}, {45}}, kTolerance);
  }
}

TEST(SecondOrder, InBfloat16OfConvolution) {
  // By oneDNN, by patches, and by Winograd's algorithm, which rounds windows and weights once more.
  struct Row {
    Window window;
    std::vector<int64_t> picture, weight;
  };
  for (const auto& [window, picture, weight] :
       {Row{{{3, 5}, {1, 2}, {1, 0}}, {3, 16, 9, 12}, {32, 16, 3, 5}}, Row{{3, 1, 1}, {2, 3, 9, 8}, {5, 3, 3, 3}},
        Row{{4, 2, 1}, {3, 16, 12, 12}, {64, 16, 4, 4}}, Row{{4, 2, 1}, {14, 48, 32, 32}, {48, 48, 4, 4}}})
    for (const double slope : {1.0, 0.2}) {
      SCOPED_TRACE(testing::Message() << picture << " slope " << slope);
      const Convolution convolution(window);
      const std::vector<int64_t> stride{window.stride.height, window.stride.width},
          padding{window.padding.height, window.padding.width};
      compare(
          [&](const auto& in) { return convolution.apply(in[0], in[1], in[2], slope); },
          [&](const auto& in) { return torch::leaky_relu(torch::conv2d(in[0], in[1], in[2], stride, padding), slope); },
          {picture, weight, {weight[0]}}, kTolerance);
    }
}

TEST(SecondOrder, InBfloat16OfTransposedConvolution) {
  for (const int64_t channels : {5, 48}) {
    SCOPED_TRACE(channels);
    const Convolution convolution({4, 2, 1});
    compare([&](const auto& in) { return convolution.apply_transposed(in[0], in[1], in[2]); },
            [&](const auto& in) { return torch::conv_transpose2d(in[0], in[1], in[2], 2, 1); },
            {{14, channels, 16, 16}, {channels, channels, 4, 4}, {channels}}, kTolerance);
  }
}

TEST(SecondOrder, InBfloat16OfBatchNorm) {
  const RunningStatistics none;
  for (const double slope : {1.0, 0.2})
    for (const auto& size : {std::vector<int64_t>{64, 12}, std::vector<int64_t>{6, 12, 9, 7}}) {
      SCOPED_TRACE(testing::Message() << size << " slope " << slope);
      compare([&](const auto& in) { return batch_norm(in[0], in[1], in[2], none, 1e-5, slope); },
              [&](const auto& in) {
                return torch::leaky_relu(
                    torch::batch_norm(in[0], in[1], in[2], {}, {}, /*training=*/true, 0, 1e-5, false), slope);
              },
              {size, {12}, {12}}, kTolerance);
    }
}

TEST(SecondOrder, InBfloat16OfSeveralGroupsIsThatOfEachByItself) {
  const RunningStatistics none;
  compare([&](const auto& in) { return batch_norm(in[0], in[1], in[2], none, 1e-5, 0.2, /*groups=*/2); },
          [&](const auto& in) {
            std::vector<Tensor> each;
            for (const auto& group : in[0].chunk(2))
              each.push_back(torch::leaky_relu(
                  torch::batch_norm(group, in[1], in[2], {}, {}, /*training=*/true, 0, 1e-5, false), 0.2));
            return torch::cat(each);
          },
          {{12, 12, 9, 7}, {12}, {12}}, kTolerance);
}

}  // namespace
}  // namespace duet
