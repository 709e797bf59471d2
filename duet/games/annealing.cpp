// Annealed importance sampling with Hamiltonian Monte Carlo. Neal 2001, arXiv:physics/9803008; Wu et al. 2016,
// arXiv:1611.04273.
#include "duet/core/draw.h"
#include "duet/games/gaussian.h"
#include "duet/games/likelihood.h"

namespace duet {
namespace {

/// Chains of states z [M,F], on their way from the prior to the posterior: log density log p(z) + beta log p(x | z).
class Chains {
 public:
  Chains(const Decoder& decoder, const Noise& noise, const Annealing& how)
      : decoder_(decoder),
        noise_(noise),
        how_(how),
        z_(normal()),
        step_(torch::full({z_.size(0), 1}, how.step, decoder.options)) {
    likelihood_ = likelihood_at(z_).likelihood;
  }

  const Tensor& likelihood() const { return likelihood_; }  ///< log p(x | z) of the states [M]

  /// One trajectory at `beta`, accepted or not.
  void move(double beta) {
    const auto momentum = normal();
    auto z = z_, p = momentum;
    auto here = likelihood_at(z);
    for (int64_t i = 0; i < how_.leaps; ++i) {
      p = p + 0.5 * step_ * slope(z, here, beta);
      z = z + step_ * p;
      here = likelihood_at(z);
      p = p + 0.5 * step_ * slope(z, here, beta);
    }
    const auto energy = [&](const Tensor& at, const Tensor& likelihood, const Tensor& moving) {
      return log_standard_normal(at) + beta * likelihood - 0.5 * moving.square().sum(1);
    };
    const auto gain = energy(z, here.likelihood, p) - energy(z_, likelihood_, momentum);
    const auto chance = draw_uniform({z_.size(0)}, decoder_.options, 0, 1, noise_);
    // A trajectory that has left all numbers behind is not accepted.
    const auto accepted = chance.log() < gain.nan_to_num(-INFINITY, -INFINITY, -INFINITY);
    z_ = torch::where(accepted.unsqueeze(1), z, z_);
    likelihood_ = torch::where(accepted, here.likelihood, likelihood_);
    // Where an acceptance of 0.65 neither grows nor shrinks it.
    const auto grown = accepted.to(step_.scalar_type()) * 0.04 - 0.026;
    step_ = (step_ * (1 + grown.unsqueeze(1))).clamp(1e-5, 1);
  }

 private:
  struct Point {
    Tensor likelihood, gradient;
  };

  Tensor normal() const {
    return draw_normal({how_.chains * decoder_.examples, decoder_.code}, decoder_.options, 0, 1, noise_);
  }

  Point likelihood_at(const Tensor& z) const {
    const torch::AutoGradMode with_gradient(true);
    const auto leaf = z.detach().requires_grad_();
    const auto value = decoder_.log_likelihood(leaf);
    const auto gradient = torch::autograd::grad({value.sum()}, {leaf})[0];
    return {value.detach(), gradient};
  }

  static Tensor slope(const Tensor& z, const Point& here, double beta) { return beta * here.gradient - z; }

  const Decoder& decoder_;
  Noise noise_;
  Annealing how_;
  Tensor z_, likelihood_, step_;
};

/// More of the way is near its ends, where distributions change most (Wu et al., section 3): from 0 to 1.
double beta_of(double share) {
  constexpr double kSteepness = 4;
  const auto s = [](double x) { return 1 / (1 + std::exp(-x)); };
  const double low = s(-kSteepness), high = s(kSteepness);
  return (s(kSteepness * (2 * share - 1)) - low) / (high - low);
}

}  // namespace

Tensor annealed_likelihood(const Decoder& decoder, const Noise& noise, const Annealing& how) {
  Chains chains(decoder, noise, how);
  auto weight = torch::zeros_like(chains.likelihood());
  double before = 0;
  for (int64_t i = 1; i <= how.distributions; ++i) {
    const double beta = beta_of(static_cast<double>(i) / static_cast<double>(how.distributions));
    weight = weight + (beta - before) * chains.likelihood();
    if (i < how.distributions) chains.move(beta);
    before = beta;
  }
  return weight.view({how.chains, decoder.examples}).logsumexp(0) - std::log(static_cast<double>(how.chains));
}

}  // namespace duet
