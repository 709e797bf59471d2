#include "duet/nn/sides.h"

#include "duet/core/error.h"

namespace duet {

Halvings halvings(const Shape& picture, int64_t base, const std::string& kind, const NetworkContext& context) {
  Halvings found{picture.height, 0};
  const bool fits = picture.height == picture.width;
  while (fits && found.side % 2 == 0 && (base > 0 ? found.side > base : found.side > 7)) found.side /= 2, ++found.count;
  if (!fits || found.count == 0 || found.side > 15 || (base > 0 && found.side != base))
    fail(Fault::recipe,
         "[network.{}]: kind = \"{}\" cannot halve pictures of {} down to {}; set data.resolution to 28, 32, 64, "
         "128 ... (a square whose side is a small number times a power of two)",
         context.name, kind, to_string(picture), base > 0 ? std::to_string(base) : "a small side");
  return found;
}

int64_t doubled(int64_t width, int64_t widest, int64_t times) {
  auto count = std::min(width, widest);
  for (int64_t i = 0; i < times && count < widest; ++i) count = std::min(2 * count, widest);
  return count;
}

std::string filling(const NetworkContext& context) {
  return context.output_range && context.output_range->low == 0 ? "sigmoid" : "tanh";
}

}  // namespace duet
