#pragma once

#include "duet/nn/layer.h"
#include "duet/run/safetensors.h"

namespace duet {

/// A network's parameters in one flat buffer, and their moving average: they belong to the network, whoever moves it.
/// Threads: not for several at once.
class Weights {
 public:
  /// Re-points `parameters` into the flat buffer; where there are none, that is an empty one with these options.
  explicit Weights(const std::vector<NamedTensor>& parameters, const torch::TensorOptions& options = {});

  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  const Tensor& values() const { return values_; }
  /// Like values(); undefined where none is kept.
  const Tensor& average() const { return average_; }
  /// The average's parts under the parameters' names; none where none is kept.
  std::vector<NamedTensor> named_average() const;
  /// Parts of a flat tensor like values(), in the parameters' shapes.
  std::vector<Tensor> parts_of(const Tensor& flat) const;
  /// Begins an average with what the values are now.
  void keep_average();
  /// How far the average moves towards the values in a step at `kimg`, when `cursor` images have been seen: its
  /// half-life is in kimg of them. 0 where none is kept, or by a player that keeps none of a shared network.
  double average_rate(double half_life, double kimg, int64_t cursor);

  /// Forgets all gradients: backward then leaves its own instead of adding to zeros.
  void zero_grad();
  /// The parameters' memory changed behind their back; who keeps something made of them must see it.
  void changed();

  /// Writes and reads the average and what average_rate() goes by; the values go with the network.
  void save(const std::string& network, TensorFile& file) const;
  void load(const std::string& network, const TensorFile& file);

 private:
  std::vector<NamedTensor> parameters_;
  Tensor values_;
  Tensor average_;
  int64_t cursor_ = 0;
};

/// What the gradients of these networks are multiplied by so that their norm together is at most `most`: 0-dim float64
/// on their device; undefined where `most` is 0, for no limit.
Tensor gradient_scale(const std::vector<Weights*>& networks, double most);
/// The same of gradients themselves; differentiable.
Tensor gradient_scale(const std::vector<Tensor>& gradients, double most);

}  // namespace duet
