#pragma once

#include "duet/core/recipe.h"
#include "duet/nn/layer.h"
#include "duet/ops/update.h"

namespace duet {

/// Moves a set of parameters. They and the optimiser's slots live in flat buffers, so that a step is one pass over
/// memory whatever the number of layers. Update rules as in the papers; weight decay is L2.
/// Threads: not for several at once.
class Optimizer {
 public:
  /// Re-points `parameters` into the flat buffer. `config` is copied.
  Optimizer(const std::vector<NamedTensor>& parameters, const PlayerConfig& config);

  /// Forgets all gradients: backward then leaves its own instead of adding to zeros. A step does it at its end.
  void zero_grad();
  /// What changes from one update to the next, for the update at `clock`, whose `updates` counts this player's earlier
  /// ones: float32 [4] of the host. `average_rate` in [0, 1] is how far an average moves towards the new values.
  Tensor prepare(const Clock& clock, double average_rate);
  /// The update that was prepared last. `rates` are what prepare() gave, on the values' device; `average`, unless
  /// undefined, is a buffer like the values'.
  void apply(const Tensor& rates, const Tensor& average = {});
  /// Both.
  void step(const Clock& clock, const Tensor& average = {}, double average_rate = 0) {
    apply(prepare(clock, average_rate).to(values_.device()), average);
  }

  /// Slots by name ("mean", "square", "velocity"): what a checkpoint must hold besides the weights.
  const std::map<std::string, Tensor>& slots() const { return slots_; }
  const Tensor& values() const { return values_; }

 private:
  Update update_at(const Clock& clock) const;
  void step_in_one_pass(const Tensor& average);
  void step_by_operations(const Tensor& rates, const Tensor& average);
  void limit_columns();

  PlayerConfig config_;
  Update how_;
  std::vector<NamedTensor> parameters_;
  Tensor values_;
  std::map<std::string, Tensor> slots_;
};

}  // namespace duet
