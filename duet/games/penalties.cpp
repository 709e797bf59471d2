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
  };
  return all;
}

}  // namespace duet
