#include "duet/games/gaussian.h"

#include <cmath>
#include <numbers>

namespace duet {
namespace {

constexpr double kLargest = 20;
const double kLogTwoPi = std::log(2 * std::numbers::pi);

}  // namespace

Gaussian Gaussian::of(const Tensor& output) {
  const auto parts = output.flatten(1).chunk(2, 1);
  return {parts[0], parts[1].clamp(-kLargest, kLargest)};
}

Tensor Gaussian::at(const Tensor& noise) const { return mean + (0.5 * log_variance).exp() * noise; }

Tensor Gaussian::log_density(const Tensor& z) const {
  return -0.5 * (kLogTwoPi + log_variance + (z - mean).square() * (-log_variance).exp()).sum(1);
}

Tensor Gaussian::divergence_from_normal() const {
  return 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum(1);
}

Tensor log_standard_normal(const Tensor& z) { return -0.5 * (kLogTwoPi + z.square()).sum(1); }

}  // namespace duet
