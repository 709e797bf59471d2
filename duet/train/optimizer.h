#pragma once

#include "duet/core/recipe.h"
#include "duet/nn/layer.h"
#include "duet/ops/update.h"

namespace duet {

/// Moves a set of parameters. They and the optimiser's slots live in flat buffers, so that a step is one pass over
/// memory whatever the number of layers. Update rules as in the papers; weight decay is L2.
class Optimizer {
 public:
  /// Re-points `parameters` into the flat buffer. `config` is copied.
  Optimizer(const std::vector<NamedTensor>& parameters, const PlayerConfig& config);

  /// Forgets all gradients: backward then leaves its own instead of adding to zeros. A step does it at its end.
  void zero_grad();
  /// One update at `clock`, whose `updates` counts this player's earlier ones. `average`, unless undefined, is a buffer
  /// like the values' that moves towards the new values by `average_rate` in [0, 1].
  void step(const Clock& clock, const Tensor& average = {}, double average_rate = 0);

  /// Slots by name ("mean", "square", "velocity"): what a checkpoint must hold besides the weights.
  const std::map<std::string, Tensor>& slots() const { return slots_; }
  const Tensor& values() const { return values_; }

 private:
  Update update_at(const Clock& clock) const;
  void step_in_one_pass(const Update& how, const Tensor& average);
  void step_by_operations(const Update& how, const Tensor& average);
  void limit_columns();

  PlayerConfig config_;
  std::vector<NamedTensor> parameters_;
  Tensor values_;
  std::map<std::string, Tensor> slots_;
};

}  // namespace duet
