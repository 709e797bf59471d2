#pragma once

#include "duet/nn/layer.h"

namespace duet {

/// A layer with drawn weights, in double precision.
inline std::unique_ptr<Layer> double_layer(const std::string& text, const Shape& input, uint64_t seed = 1) {
  auto layer = make_layer(text, input);
  auto generator = make_generator(seed);
  layer->reset({}, generator);
  for (const auto* list : {&layer->parameters(), &layer->buffers()})
    for (const auto& [name, value] : *list) value.set_data(value.to(torch::kFloat64));
  return layer;
}

/// One forward, repeatable for one seed.
inline Tensor forward(Layer& layer, const Tensor& x, bool training = true, bool update_statistics = false,
                      uint64_t seed = 5) {
  Pass pass{.training = training, .update_statistics = update_statistics, .noise = make_generator(seed)};
  return layer.forward(x, pass);
}

inline bool is_same(const Tensor& a, const Tensor& b) { return torch::equal(a, b); }

inline Tensor drawn(torch::IntArrayRef sizes, uint64_t seed = 3) {
  auto generator = make_generator(seed);
  return torch::empty(sizes, torch::kFloat64).normal_(0, 1, generator);
}

/// The power iteration must stand still, or the largest singular value is not yet what the gradient takes it for.
inline void settle(Layer& layer, const Tensor& x, int forwards = 400) {
  torch::NoGradGuard no_grad;
  for (int i = 0; i < forwards; ++i) forward(layer, x, true, true);
}

}  // namespace duet
