#include "duet/games/binary.h"

#include "duet/core/draw.h"
#include "duet/core/error.h"

namespace duet {

void check_binary(const DataKind& data, const std::string& game) {
  if (data.range && *data.range != Range{0, 1})
    fail(Fault::recipe,
         "[data]: range = \"{:g}..{:g}\"; game \"{}\" takes pixels above 0.5 for 1 and others for 0; expected range = "
         "\"0..1\"",
         data.range->low, data.range->high, game);
}

Tensor binarised(const Tensor& x) { return x.gt(0.5).to(x.scalar_type()); }

Tensor draw_bits(const Tensor& logits, const Noise& noise) {
  return bits_of(logits, draw_uniform(logits.sizes(), logits.options().requires_grad(false), 0, 1, noise));
}

Tensor bits_of(const Tensor& logits, const Tensor& uniform) {
  return uniform.view_as(logits).lt(logits.detach().sigmoid()).to(logits.scalar_type());
}

Tensor log_probability(const Tensor& bits, const Tensor& logits) {
  return (bits.view_as(logits) * logits - torch::softplus(logits)).flatten(1).sum(1);
}

LatentConfig uniform_numbers(int64_t size) {
  LatentConfig uniform;
  uniform.kind = "uniform", uniform.size = size, uniform.low = 0, uniform.high = 1;
  return uniform;
}

}  // namespace duet
