#pragma once

#include <array>

#include "duet/ops/update.h"
#include "duet/train/player_config.h"
#include "duet/train/weights.h"

namespace duet {

/// A network's weights and an optimizer's slots at some point, flat; slots that the rule does not have are undefined.
struct OptimizerState {
  Tensor values, first, second;
};

/// How a player updates one of its networks. The slots are flat buffers like the weights, so that a step is one pass
/// over memory whatever the number of layers. Weight decay is L2. Threads: not for several at once.
class Optimizer {
 public:
  /// `weights` is borrowed, `config` copied.
  Optimizer(Weights& weights, const PlayerConfig& config);

  /// The numbers that change from update to update, for the update at `clock`, whose `updates` counts this player's
  /// earlier ones: [4] on the host, of the values' type. `ema_rate` in [0, 1] is how far the EMA moves towards the new
  /// values; the learning rate is multiplied by `rate`.
  Tensor prepare(const Clock& clock, double ema_rate, double rate = 1);
  /// The update that was prepared last. `rates` are the result of prepare(), on the values' device; `scale`, unless
  /// undefined, multiplies the gradients (see gradient_scale). Clears the gradients.
  void apply(const Tensor& rates, const Tensor& scale);
  /// Both, for a player with one network.
  void step(const Clock& clock, double ema_rate = 0) {
    apply(prepare(clock, ema_rate).to(weights_.values().device()), gradient_scale({&weights_}, config_.clip_norm));
  }

  /// The result of prepare() for an update that is not made.
  Tensor rates(const Clock& clock, double ema_rate, double rate) const;
  /// The current weights and slots.
  OptimizerState state() const;
  /// The state after an update of `from` with these flat gradients: out of place, and differentiable in everything that
  /// carries a graph.
  OptimizerState stepped(const OptimizerState& from, Tensor gradients, const Tensor& rates, const Tensor& scale) const;

  /// Slots by name ("mean", "square", "velocity"), for checkpoints.
  const std::map<std::string, Tensor>& slots() const { return slots_; }

 private:
  std::array<double, 3> rates_at(const Clock& clock) const;
  void step_in_one_pass(const Tensor& scale, const Tensor& ema);
  void step_by_operations(const Tensor& rates, const Tensor& scale, const Tensor& ema);
  Tensor within_column_norm(const Tensor& values) const;

  Weights& weights_;
  PlayerConfig config_;
  Update how_;
  std::map<std::string, Tensor> slots_;
};

}  // namespace duet
