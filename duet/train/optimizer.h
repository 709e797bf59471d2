#pragma once

#include "duet/core/recipe.h"
#include "duet/nn/layer.h"

namespace duet {

/// Moves a set of parameters. They live in one flat buffer, their gradients in another, so that a step is a few passes
/// over contiguous memory whatever the number of layers. Update rules as in the papers; weight decay is L2.
class Optimizer {
 public:
  /// Re-points `parameters` (and their gradients) into the flat buffers. `config` is copied.
  Optimizer(const std::vector<NamedTensor>& parameters, const PlayerConfig& config);

  void zero_grad() { gradients_.zero_(); }
  /// One update at `clock`, whose `updates` counts this player's earlier ones.
  void step(const Clock& clock);

  /// Slots by name ("mean", "square", "velocity"): what a checkpoint must hold besides the weights.
  const std::map<std::string, Tensor>& slots() const { return slots_; }
  const Tensor& values() const { return values_; }
  const Tensor& gradients() const { return gradients_; }

 private:
  void prepare_gradient();
  void constrain();

  PlayerConfig config_;
  std::vector<NamedTensor> parameters_;
  Tensor values_, gradients_;
  std::map<std::string, Tensor> slots_;
};

}  // namespace duet
