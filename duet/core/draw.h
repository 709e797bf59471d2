#pragma once

#include "duet/core/torch.h"

namespace duet {

/// Random tensors of these sizes and options. They are drawn on the CPU, where every generator lives, and then taken to
/// the options' device: one seed gives the same numbers whatever computes with them, and checkpoints go from device to
/// device.
template <class Fill>
Tensor drawn(torch::IntArrayRef sizes, const torch::TensorOptions& options, const Fill& fill) {
  auto numbers = torch::empty(sizes, options.device(torch::kCPU));
  fill(numbers);
  return numbers.to(options.device());
}

inline Tensor draw_normal(torch::IntArrayRef sizes, const torch::TensorOptions& options, double mean, double deviation,
                          Generator generator) {
  return drawn(sizes, options, [&](Tensor& x) { x.normal_(mean, deviation, generator); });
}

inline Tensor draw_uniform(torch::IntArrayRef sizes, const torch::TensorOptions& options, double low, double high,
                           Generator generator) {
  return drawn(sizes, options, [&](Tensor& x) { x.uniform_(low, high, generator); });
}

/// 1 with the probability, else 0.
inline Tensor draw_bernoulli(torch::IntArrayRef sizes, const torch::TensorOptions& options, double probability,
                             Generator generator) {
  return drawn(sizes, options, [&](Tensor& x) { x.bernoulli_(probability, generator); });
}

}  // namespace duet
