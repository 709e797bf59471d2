#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "duet/core/torch.h"

namespace duet {

/// Relative error that a gradient in double precision may have; numbers below kGradientFloor count as that large.
inline constexpr double kGradientTolerance = 1e-5;
inline constexpr double kGradientFloor = 1e-3;

/// Central difference of `value` in the number `x` points to.
inline double central_difference(const std::function<double()>& value, double* x) {
  const double kept = *x, step = 1e-5 * std::max(1.0, std::abs(kept));
  *x = kept + step;
  const double above = value();
  *x = kept - step;
  const double below = value();
  *x = kept;
  return (above - below) / (2 * step);
}

/// Compares autograd's gradient of f() with central differences for every number of every input. `f` gives a 0-dim
/// float64 tensor and is the same function on every call; `inputs` are contiguous float64 leaves that require a
/// gradient and that f reads in place. The failure names the input and both values.
inline testing::AssertionResult check_gradients(const std::function<Tensor()>& f, const std::vector<Tensor>& inputs) {
  const auto value = f();
  std::vector<Tensor> gradients(inputs.size());
  // A constant has no graph to walk: its gradients are zero, and the differences must say so too.
  if (value.requires_grad())
    gradients = torch::autograd::grad({value}, inputs, {}, /*retain_graph=*/false, /*create_graph=*/false,
                                      /*allow_unused=*/true);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].scalar_type() != torch::kFloat64 || !inputs[i].is_contiguous())
      return testing::AssertionFailure() << "input " << i << " is not a contiguous float64 tensor";
    const auto gradient = gradients[i].defined() ? gradients[i].contiguous() : torch::zeros_like(inputs[i]);
    for (int64_t j = 0; j < inputs[i].numel(); ++j) {
      const double analytic = gradient.data_ptr<double>()[j];
      const double numeric = central_difference([&] { return f().item<double>(); }, inputs[i].data_ptr<double>() + j);
      const double size = std::max({std::abs(analytic), std::abs(numeric), kGradientFloor});
      if (!(std::abs(analytic - numeric) <= kGradientTolerance * size))
        return testing::AssertionFailure()
               << fmt::format("input {}, number {}: autograd says {}, differences say {}", i, j, analytic, numeric);
    }
  }
  return testing::AssertionSuccess();
}

/// The squared norm of f's gradient at `at`, differentiable: what a gradient penalty is made of.
inline Tensor squared_gradient_norm(const std::function<Tensor()>& f, const Tensor& at) {
  const auto value = f();
  const auto gradient = torch::autograd::grad({value}, {at}, {}, /*retain_graph=*/true, /*create_graph=*/true,
                                              /*allow_unused=*/true)[0];
  return gradient.defined() ? gradient.square().sum() : torch::zeros({}, at.options().requires_grad(false));
}

/// The same check for the squared norm of f's gradient at `at`, with respect to `inputs`: second derivatives.
inline testing::AssertionResult check_second_gradients(const std::function<Tensor()>& f, const Tensor& at,
                                                       const std::vector<Tensor>& inputs) {
  return check_gradients([&] { return squared_gradient_norm(f, at); }, inputs);
}

/// A leaf of standard normal numbers in float64 that requires a gradient.
inline Tensor normal_leaf(torch::IntArrayRef sizes, Generator& generator) {
  return torch::empty(sizes, torch::kFloat64).normal_(0, 1, generator).requires_grad_();
}

}  // namespace duet
