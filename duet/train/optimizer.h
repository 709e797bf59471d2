#pragma once

#include <array>

#include "duet/ops/update.h"
#include "duet/train/player_config.h"
#include "duet/train/weights.h"

namespace duet {

/// A network's weights and an optimizer's slots at some point, flat; a slot that the rule has not is undefined.
struct OptimizerState {
  Tensor values, first, second;
};

/// How a player moves one of its networks. The slots live in flat buffers like the weights, so that a step is one pass
/// over memory whatever the number of layers. Weight decay is L2. Threads: not for several at once.
class Optimizer {
 public:
  /// `weights` is borrowed, `config` copied.
  Optimizer(Weights& weights, const PlayerConfig& config);

  /// What changes from one update to the next, for the update at `clock`, whose `updates` counts this player's earlier
  /// ones: [4] of the host, of the values' type. `average_rate` in [0, 1] is how far the average moves towards the new
  /// values; the learning rate is multiplied by `rate`.
  Tensor prepare(const Clock& clock, double average_rate, double rate = 1);
  /// The update that was prepared last. `rates` are what prepare() gave, on the values' device; `scale`, unless
  /// undefined, multiplies the gradients (see gradient_scale). Forgets the gradients.
  void apply(const Tensor& rates, const Tensor& scale);
  /// Both, for a player of one network.
  void step(const Clock& clock, double average_rate = 0) {
    apply(prepare(clock, average_rate).to(weights_.values().device()), gradient_scale({&weights_}, config_.clip_norm));
  }

  /// What prepare() gives, of an update that is not made.
  Tensor rates(const Clock& clock, double average_rate, double rate) const;
  /// Where the weights and slots are now.
  OptimizerState state() const;
  /// Where an update by these flat gradients would take them from `from`: out of place, and differentiable in all that
  /// may carry a graph.
  OptimizerState stepped(const OptimizerState& from, Tensor gradients, const Tensor& rates, const Tensor& scale) const;

  /// Slots by name ("mean", "square", "velocity"): what a checkpoint must hold besides the weights.
  const std::map<std::string, Tensor>& slots() const { return slots_; }

 private:
  std::array<double, 3> rates_at(const Clock& clock) const;
  void step_in_one_pass(const Tensor& scale, const Tensor& average);
  void step_by_operations(const Tensor& rates, const Tensor& scale, const Tensor& average);
  Tensor within_column_norm(const Tensor& values) const;

  Weights& weights_;
  PlayerConfig config_;
  Update how_;
  std::map<std::string, Tensor> slots_;
};

}  // namespace duet
