#pragma once

#include "duet/games/game.h"

namespace duet {

/// For each example the squared norm of the gradient of its logit, [N]; differentiable, so that a penalty on it reaches
/// the weights. `at` must require a gradient and be what `logits` [N] were computed from.
Tensor squared_gradient(const Tensor& at, const Tensor& logits);

/// Inputs of a penalty: detached batches, the discriminator, and random numbers.
struct PenaltyInput {
  Tensor real, fake;  ///< [N, ...]
  std::function<Tensor(const Tensor& x)> discriminator;
  Noise noise;
};

/// A gradient penalty on the discriminator. The recipe's key with the same name is its weight.
struct Penalty {
  std::string name;
  std::string line;
  std::string paper;
  /// The penalty, 0-dim, before its weight.
  std::function<Tensor(PenaltyInput& input)> value;
  /// Whether it requires a certain norm of each example's own gradient, which batch norm mixes with that of others.
  /// Penalties that only require small gradients are known to work with batch norm.
  bool independent_examples = false;
};

/// All penalties. A new one is a line in penalties.cpp.
const std::vector<Penalty>& penalties();

}  // namespace duet
