#include "duet/games/penalties.h"

#include "duet/core/draw.h"

namespace duet {
namespace {

Tensor per_example(const Tensor& x, const Noise& noise) {
  std::vector<int64_t> sizes(static_cast<size_t>(x.dim()), 1);
  sizes[0] = x.size(0);
  return draw_uniform(sizes, x.options(), 0, 1, noise);
}

Tensor squared_gradient_at(const Tensor& x, const PenaltyInput& input) {
  const auto at = x.detach().requires_grad_();
  return squared_gradient(at, input.discriminator(at));
}

/// (norm - 1)^2; the root of 0 has no derivative, so the smallest squared norm is 1e-12.
Tensor distance_from_one(const Tensor& squared_norm) {
  return (torch::sqrt(squared_norm.clamp_min(1e-12)) - 1).square().mean();
}

Tensor between(PenaltyInput& in) {
  const auto mix = per_example(in.real, in.noise);
  return distance_from_one(squared_gradient_at(mix * in.real + (1 - mix) * in.fake, in));
}

/// Slopes of D over a short way from `at` along `direction`, for each example: one more forward instead of a gradient
/// that is differentiated again.
Tensor slope(const Tensor& place, const Tensor& direction, const PenaltyInput& in) {
  const auto at = place.detach();
  // Of pictures in -1..1 a hundredth is less than a step of their bytes, and enough for float32.
  constexpr double kStep = 0.01;
  return (in.discriminator(at + kStep * direction.detach()) - in.discriminator(at)) / kStep;
}

/// |grad D|^2 is the mean of squared slopes along normal directions.
Tensor on_real_by_difference(PenaltyInput& in) {
  const auto direction = draw_normal(in.real.sizes(), in.real.options(), 0, 1, in.noise);
  return slope(in.real, direction, in).square().mean();
}

/// Between real and fake the best critic's gradient points from the one to the other with norm 1 (Gulrajani et al.
/// 2017, proposition 1): so does the direction in which its slope is asked for.
Tensor between_by_difference(PenaltyInput& in) {
  const auto mix = per_example(in.real, in.noise);
  const auto way = in.real - in.fake;
  std::vector<int64_t> sizes(static_cast<size_t>(way.dim()), 1);
  sizes[0] = way.size(0);
  const auto length = way.flatten(1).norm(2, 1).clamp_min(1e-12).view(sizes);
  return (slope(mix * in.real + (1 - mix) * in.fake, way / length, in).abs() - 1).square().mean();
}

/// Both sides, each example by how wrong D is about it.
Tensor by_doubt(PenaltyInput& in) {
  const auto term = [&](const Tensor& x, bool real) {
    const auto at = x.detach().requires_grad_();
    const auto logits = in.discriminator(at);
    const auto doubt = (real ? -logits : logits).sigmoid();
    // Of patches: an example's mean.
    return (doubt.square().view({x.size(0), -1}).mean(1) * squared_gradient(at, logits)).mean();
  };
  return term(in.real, true) + term(in.fake, false);
}

Tensor around_real(PenaltyInput& in) {
  const auto noise = draw_uniform(in.real.sizes(), in.real.options(), 0, 1, in.noise);
  return distance_from_one(squared_gradient_at(in.real + 0.5 * in.real.std() * noise, in));
}

}  // namespace

Tensor squared_gradient(const Tensor& at, const Tensor& logits) {
  // The gradient of the sum contains each example's own gradient, because layers of a discriminator with this penalty
  // do not mix examples.
  const auto gradient =
      torch::autograd::grad({logits.sum()}, {at}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0];
  return gradient.flatten(1).square().sum(1);
}

const std::vector<Penalty>& penalties() {
  static const std::vector<Penalty> all = {
      {"wgan_gp", "(|grad D| - 1)^2 between real and fake; usual weight 10", "Gulrajani et al. 2017, arXiv:1704.00028",
       between, true},
      {"dragan", "(|grad D| - 1)^2 around real data; usual weight 10", "Kodali et al. 2017, arXiv:1705.07215",
       around_real, true},
      {"r1", "|grad D|^2 on real data; weight gamma / 2", "Mescheder et al. 2018, arXiv:1801.04406",
       [](PenaltyInput& in) { return squared_gradient_at(in.real, in).mean(); }},
      {"r2", "|grad D|^2 on generated data; weight gamma / 2", "Mescheder et al. 2018, arXiv:1801.04406",
       [](PenaltyInput& in) { return squared_gradient_at(in.fake, in).mean(); }},
      {"roth", "s(-D)^2 |grad D|^2 on real, s(D)^2 |grad D|^2 on generated data; weight gamma / 2",
       "Roth et al. 2017, arXiv:1705.09367", by_doubt},
      {"r1_difference", "r1 by slopes along random directions: one more forward, no second derivative",
       "after Mescheder et al. 2018, arXiv:1801.04406", on_real_by_difference},
      {"wgan_gp_difference", "(|slope of D| - 1)^2 along the way from fake to real: no second derivative",
       "after Gulrajani et al. 2017, arXiv:1704.00028", between_by_difference, true},
  };
  return all;
}

}  // namespace duet
