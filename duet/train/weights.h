#pragma once

#include "duet/nn/layer.h"
#include "duet/run/safetensors.h"

namespace duet {

/// A network's parameters in one flat buffer, and their EMA (exponential moving average). They belong to the network,
/// whichever player moves it. Threads: not for several at once.
class Weights {
 public:
  /// Makes `parameters` views of the flat buffer.
  explicit Weights(const std::vector<NamedTensor>& parameters, const torch::TensorOptions& options = {});

  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  const Tensor& values() const { return values_; }
  /// The EMA, like values(); undefined without one.
  const Tensor& ema() const { return ema_; }
  /// The EMA's parts under the parameters' names; empty without one.
  std::vector<NamedTensor> named_ema() const;
  /// Parts of a flat tensor like values(), in the parameters' shapes.
  std::vector<Tensor> parts_of(const Tensor& flat) const;
  /// Begins an EMA with the current values.
  void start_ema();
  /// How far the EMA moves towards the values in a step at `kimg`, when `cursor` images have been seen; the half-life
  /// is in kimg. 0 without an EMA, or for a player of a shared network that has none.
  double ema_rate(double half_life, double kimg, int64_t cursor);

  /// Clears all gradients, so that backward writes its own instead of adding to zeros.
  void zero_grad();
  /// Call after writing to the parameters' memory directly: bumps the versions that caches check.
  void changed();

  /// Writes and reads the EMA and the state of ema_rate(); the values are saved with the network.
  void save(const std::string& network, TensorFile& file) const;
  void load(const std::string& network, const TensorFile& file);

 private:
  std::vector<NamedTensor> parameters_;
  Tensor values_;
  Tensor ema_;
  int64_t cursor_ = 0;
};

/// The factor for the gradients of these networks so that their joint norm is at most `most`: 0-dim float64 on their
/// device; undefined if `most` is 0, for no limit.
Tensor gradient_scale(const std::vector<Weights*>& networks, double most);
/// The same for gradients themselves; differentiable.
Tensor gradient_scale(const std::vector<Tensor>& gradients, double most);

}  // namespace duet
