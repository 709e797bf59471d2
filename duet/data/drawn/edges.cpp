#include "duet/data/drawn/edges.h"

#include <array>
#include <cstddef>

#include "duet/data/drawn/digits.h"

namespace duet {

void draw_edges(uint64_t seed, int64_t index, uint8_t* out) {
  std::array<uint8_t, kDigitSide * kDigitSide> digit{};
  draw_digit(seed, index, digit.data());
  const auto has_ink = [&](int64_t y, int64_t x) {
    const bool inside = y >= 0 && y < kDigitSide && x >= 0 && x < kDigitSide;
    return inside && digit[static_cast<size_t>(y * kDigitSide + x)] >= 128;
  };
  for (int64_t y = 0; y < kDigitSide; ++y)
    for (int64_t x = 0; x < kDigitSide; ++x) {
      const bool within = has_ink(y - 1, x) && has_ink(y + 1, x) && has_ink(y, x - 1) && has_ink(y, x + 1);
      *out++ = has_ink(y, x) && !within ? 255 : 0;
    }
}

}  // namespace duet
