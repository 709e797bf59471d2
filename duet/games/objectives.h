#pragma once

#include "duet/core/torch.h"

namespace duet {

/// What the discriminator is told is true, per example; smoothed or flipped labels differ from 1 and 0.
struct Targets {
  Tensor real;  ///< [N]
  Tensor fake;  ///< [N]
};

/// A two-player objective as functions of D's raw outputs (logits) [N] on real and on fake examples; both are
/// minimised, all give 0-dim means over the batch. Everything is computed from logits: no log(0), no overflow.
struct Objective {
  std::string name;
  std::string line;  ///< the two losses in symbols, r = D(x), f = D(G(z)), s = sigmoid
  std::string paper;
  bool has_targets;  ///< whether smoothing and flipping labels mean anything to it
  bool needs_real;   ///< whether the generator's loss looks at D(x)
  std::function<Tensor(const Tensor& real, const Tensor& fake, const Targets& targets)> discriminator;
  /// `wanted` is what G wants D to say of fakes, for those that have targets of a kind where it matters.
  std::function<Tensor(const Tensor& real, const Tensor& fake, double wanted)> generator;
  /// Whether the sigmoid of D's output is the probability that an example is real; of others it is a score.
  bool gives_probability = false;
  bool has_wanted = false;   ///< whether `wanted` means anything to it
  bool needs_limit = false;  ///< whether D must be kept from growing steeper: its loss has no bound
};

/// Every objective there is. A new one is a line in objectives.cpp.
const std::vector<Objective>& objectives();
/// Throws Error(recipe) with the nearest name.
const Objective& objective(const std::string& name);

}  // namespace duet
