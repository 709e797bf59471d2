#include "duet/data/drawn/edges.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

#include "duet/data/drawn/digits.h"

namespace duet {
namespace {

using Picture = std::array<uint8_t, kDigitSide * kDigitSide>;

TEST(Edges, AreTheInkOfTheSameDigitThatTouchesPaper) {
  for (int64_t index = 0; index < 50; ++index) {
    Picture digit{}, edges{};
    draw_digit(4, index, digit.data());
    draw_edges(4, index, edges.data());
    int outline = 0, inside = 0;
    // Ink never touches the border.
    for (size_t y = 1; y + 1 < kDigitSide; ++y)
      for (size_t x = 1; x + 1 < kDigitSide; ++x) {
        const size_t i = y * kDigitSide + x;
        const bool ink = digit[i] >= 128;
        const bool touches =
            digit[i - 1] < 128 || digit[i + 1] < 128 || digit[i - kDigitSide] < 128 || digit[i + kDigitSide] < 128;
        ASSERT_EQ(edges[i], ink && touches ? 255 : 0) << index << " " << y << " " << x;
        outline += edges[i] == 255;
        inside += ink && !touches;
      }
    EXPECT_GT(outline, 20) << index;
    EXPECT_GT(outline, inside / 2) << index;
  }
}

}  // namespace
}  // namespace duet
