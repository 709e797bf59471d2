#pragma once

#include "duet/core/recipe.h"
#include "duet/nn/layer.h"
#include "duet/ops/update.h"

namespace duet {

/// Moves a set of parameters. They live in one flat buffer, their gradients in another, so that a step is one pass over
/// contiguous memory whatever the number of layers. Update rules as in the papers; weight decay is L2.
class Optimizer {
 public:
  /// Re-points `parameters` (and their gradients) into the flat buffers. `config` is copied.
  Optimizer(const std::vector<NamedTensor>& parameters, const PlayerConfig& config);

  /// To be called before the gradients of a step are made; free after a step, which leaves them zero.
  void zero_grad();
  /// One update at `clock`, whose `updates` counts this player's earlier ones. `average`, unless undefined, is a buffer
  /// like the values' that moves towards the new values by `average_rate` in [0, 1].
  void step(const Clock& clock, const Tensor& average = {}, double average_rate = 0);

  /// Slots by name ("mean", "square", "velocity"): what a checkpoint must hold besides the weights.
  const std::map<std::string, Tensor>& slots() const { return slots_; }
  const Tensor& values() const { return values_; }
  const Tensor& gradients() const { return gradients_; }

 private:
  Update update_at(const Clock& clock) const;
  void step_in_one_pass(const Update& how, const Tensor& average);
  void step_by_operations(const Update& how, const Tensor& average);
  void limit_columns();

  PlayerConfig config_;
  std::vector<NamedTensor> parameters_;
  Tensor values_, gradients_;
  std::map<std::string, Tensor> slots_;
  bool gradients_are_zero_ = false;
};

}  // namespace duet
