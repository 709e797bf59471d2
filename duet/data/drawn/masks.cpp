#include "duet/data/drawn/masks.h"

#include <algorithm>

#include "duet/core/random.h"

namespace duet {
namespace {

constexpr uint64_t kKindStream = 0x6b696e64;
constexpr uint64_t kMaskStream = 0x6d61736b;

struct Box {
  int64_t top, left, height, width;
};

void hide(const Box& box, int64_t side, uint8_t* out) {
  for (int64_t y = box.top; y < box.top + box.height; ++y)
    std::fill_n(out + y * side + box.left, box.width, uint8_t{0});
}

Box half(int64_t side, Random& random) {
  const auto middle = side / 2, rest = side - middle;
  switch (random.below(4)) {
    case 0:
      return {0, 0, middle, side};
    case 1:
      return {middle, 0, rest, side};
    case 2:
      return {0, 0, side, middle};
    default:
      return {0, middle, side, rest};
  }
}

Box box(int64_t side, Random& random) {
  const auto extent = [&] {
    const auto length = static_cast<double>(side) * random.uniform(0.25, 0.75);
    return std::max<int64_t>(1, static_cast<int64_t>(length));
  };
  const auto height = extent(), width = extent();
  const auto top = random.below(side - height + 1), left = random.below(side - width + 1);
  return {top, left, height, width};
}

}  // namespace

std::vector<std::string> mask_kinds() { return {"half", "box", "scattered"}; }

int64_t mask_label(uint64_t seed, int64_t index) {
  return Random(seed, kKindStream, static_cast<uint64_t>(index)).below(3);
}

void draw_mask(uint64_t seed, int64_t index, int64_t side, uint8_t* out) {
  Random random(seed, kMaskStream, static_cast<uint64_t>(index));
  std::fill_n(out, side * side, uint8_t{255});
  switch (mask_label(seed, index)) {
    case 0:
      return hide(half(side, random), side, out);
    case 1:
      return hide(box(side, random), side, out);
    default:
      break;
  }
  const double hidden = random.uniform(0.2, 0.8);
  for (int64_t i = 0; i < side * side; ++i)
    if (random.chance(hidden)) out[i] = 0;
}

}  // namespace duet
