#pragma once

#include "duet/games/game.h"

namespace duet {

/// Sum over each example's numbers of the squared gradient of its logit, [N]; differentiable, so that a penalty on it
/// reaches the weights. `at` must require a gradient and be what `logits` [N] were computed from.
Tensor squared_gradient(const Tensor& at, const Tensor& logits);

/// What a penalty may look at: detached batches, the discriminator, and random numbers.
struct PenaltyInput {
  Tensor real, fake;  ///< [N, ...]
  std::function<Tensor(const Tensor& x)> discriminator;
  Noise noise;
};

/// A gradient penalty on the discriminator. The recipe's key of the same name is its weight.
struct Penalty {
  std::string name;
  std::string line;
  std::string paper;
  /// 0-dim, to be multiplied by the weight.
  std::function<Tensor(PenaltyInput& input)> value;
  /// Whether it wants a certain norm of each example's own gradient, which batch norm mixes with the others'. A penalty
  /// that wants gradients to be small is known to learn beside batch norm.
  bool examples_alone = false;
};

/// Every penalty there is. A new one is a line in penalties.cpp.
const std::vector<Penalty>& penalties();

}  // namespace duet
