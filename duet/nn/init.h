#pragma once

#include <optional>
#include <string>

#include "duet/core/torch.h"

namespace duet {

/// How weights begin. Spelled in recipes as NAME or NAME(value), for a network or one of its layers:
///   he               N(0, 2 / fan_in)                                  (He et al. 2015, arXiv:1502.01852)
///   glorot           U(+- sqrt(6 / (fan_in + fan_out)))                (Glorot & Bengio 2010)
///   default          U(+- 1 / sqrt(fan_in)), biases too: what PyTorch's layers do
///   normal(s)        N(0, s^2)
///   truncated(s)     N(0, s^2) cut at two standard deviations
///   uniform(r)       U(-r, r)
///   sparse(k)        k weights of N(0, 1) per unit, the others zero    (Martens 2010)
struct Init {
  std::string weight = "default";
  std::string scale = "one";  ///< of normalisation layers: "one", or normal(s): N(1, s^2)
  double bias = 0;            ///< ignored by weight = "default"
};

/// How one layer's weights begin, where its spelling says so; what is empty is as its network says.
struct OwnInit {
  std::string weight{};
  std::optional<double> bias{};  ///< a constant, whatever the weights
  /// The network's, with what the layer has of its own.
  Init over(Init network) const {
    if (!weight.empty()) network.weight = weight;
    return network;
  }
};

/// Throws Error(recipe) for a spelling of weights, or of scales, that there is none of.
void check_weight_init(const std::string& text);
void check_scale_init(const std::string& text);

/// Fills `weight` ([out, in, ...]; transposed convolutions [in, out, ...]). Throws Error(recipe) for an unknown name.
void init_weight(Tensor weight, const Init& init, Generator& generator);
/// Fills the bias that goes with `weight`.
void init_bias(Tensor bias, const Tensor& weight, const Init& init, Generator& generator);
/// Fills the scale of a normalisation layer.
void init_scale(Tensor scale, const Init& init, Generator& generator);

}  // namespace duet
