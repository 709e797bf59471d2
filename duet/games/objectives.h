#pragma once

#include "duet/core/torch.h"

namespace duet {

/// The discriminator's targets per example: 1 and 0, unless labels are smoothed or flipped.
struct Targets {
  Tensor real;  ///< [N]
  Tensor fake;  ///< [N]
};

/// A two-player objective as functions of D's raw outputs (logits) [N] on real and on fake examples. Both losses are
/// minimised and are 0-dim means over the batch. Everything is computed from logits: no log(0), no overflow.
struct Objective {
  std::string name;
  std::string line;  ///< the two losses in symbols, r = D(x), f = D(G(z)), s = sigmoid
  std::string paper;
  bool has_targets;  ///< whether smoothing and flipping labels have an effect
  bool needs_real;   ///< whether the generator's loss uses D(x)
  std::function<Tensor(const Tensor& real, const Tensor& fake, const Targets& targets)> discriminator;
  /// `target` is what G wants D to say of fakes; only has_generator_target uses it.
  std::function<Tensor(const Tensor& real, const Tensor& fake, double target)> generator;
  /// Whether the sigmoid of D's output is the probability that an example is real; otherwise the output is a score.
  bool gives_probability = false;
  bool has_generator_target = false;
  bool needs_lipschitz = false;  ///< whether D's slope must be limited, because its loss is unbounded
};

/// All objectives. A new one is a line in objectives.cpp.
const std::vector<Objective>& objectives();
/// Throws Error(recipe) with the nearest name.
const Objective& objective(const std::string& name);

}  // namespace duet
