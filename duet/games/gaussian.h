#pragma once

#include "duet/core/host_inputs.h"

namespace duet {

/// One Gaussian with independent numbers for each example: what a stochastic encoder says of its code.
struct Gaussian {
  Tensor mean, log_variance;  ///< [N,F]

  /// From an encoder's output [N, 2F]: F means, then F log variances, which count as far as +-20 so that a variance
  /// stays finite.
  static Gaussian of(const Tensor& output);
  /// mean + deviation * noise, differentiable (Kingma & Welling 2013, arXiv:1312.6114); `noise` [N,F] is standard
  /// normal.
  Tensor at(const Tensor& noise) const;
  /// log q(z) [N] of z [N,F].
  Tensor log_density(const Tensor& z) const;
  /// Kullback-Leibler divergence from the standard normal [N]: half the sum of e^lv + mean^2 - 1 - lv.
  Tensor divergence_from_normal() const;
};

/// log p(z) [N] of the standard normal.
Tensor log_standard_normal(const Tensor& z);

}  // namespace duet
