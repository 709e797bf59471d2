#pragma once

#include "duet/core/host_inputs.h"

namespace duet {

/// Random tensors of these sizes and options. They are drawn on the CPU, where every generator is, and then moved to
/// the options' device: one seed gives the same numbers on every device, and a checkpoint can be resumed on another
/// device.
template <class Fill>
Tensor drawn(torch::IntArrayRef sizes, const torch::TensorOptions& options, const Noise& noise, const Fill& fill) {
  const auto device = options.device();
  const auto make = [fill, sizes = sizes.vec(), here = options.device(torch::kCPU), generator = noise.generator] {
    auto numbers = torch::empty(sizes, here);
    fill(numbers, generator);
    return numbers;
  };
  return noise.inputs ? noise.inputs->give(device, make) : make().to(device);
}

inline Tensor draw_normal(torch::IntArrayRef sizes, const torch::TensorOptions& options, double mean, double deviation,
                          const Noise& noise) {
  return drawn(sizes, options, noise, [=](Tensor& x, const Generator& from) { x.normal_(mean, deviation, from); });
}

inline Tensor draw_uniform(torch::IntArrayRef sizes, const torch::TensorOptions& options, double low, double high,
                           const Noise& noise) {
  return drawn(sizes, options, noise, [=](Tensor& x, const Generator& from) { x.uniform_(low, high, from); });
}

/// 1 with the given probability, else 0.
inline Tensor draw_bernoulli(torch::IntArrayRef sizes, const torch::TensorOptions& options, double probability,
                             const Noise& noise) {
  return drawn(sizes, options, noise, [=](Tensor& x, const Generator& from) { x.bernoulli_(probability, from); });
}

}  // namespace duet
