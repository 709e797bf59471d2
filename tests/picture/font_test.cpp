#include "duet/picture/font.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace duet {
namespace {

constexpr Colour kRed = {200, 10, 20};

/// Columns and rows with ink on a white picture, with exclusive ends; empty without ink.
struct InkBox {
  int left = 1 << 20, top = 1 << 20, right = 0, bottom = 0;
};

InkBox ink_box(const Image& image) {
  InkBox box;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      if (*image.at(x, y) != 255)
        box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1), std::max(box.bottom, y + 1)};
  return box;
}

Image drawn(const std::string& text, int scale = 1) {
  Image image = blank_image(400, 60, 1, 255);
  draw_text(image, 10, 10, text, {0, 0, 0}, scale);
  return image;
}

TEST(Font, DrawsEveryPrintableCharacterDifferently) {
  std::set<std::string> seen;
  for (char c = ' '; c <= '~'; ++c) {
    const Image image = drawn(std::string(1, c));
    EXPECT_TRUE(seen.insert(std::string(image.pixels.begin(), image.pixels.end())).second) << c;
  }
  EXPECT_EQ(seen.size(), 95u);
}

TEST(Font, KeepsInkInsideTheWidthItAnnounces) {
  for (const int scale : {1, 2, 3}) {
    const InkBox box = ink_box(drawn("HgjpQ|}H", scale));
    EXPECT_EQ(box.left, 10);
    EXPECT_EQ(box.right, 10 + text_width("HgjpQ|}H", scale));
    EXPECT_EQ(box.top, 10);
    EXPECT_EQ(box.bottom, 10 + kGlyphHeight * scale);
  }
}

TEST(Font, EndsCapitalsAndDigitsOnOneBaseline) {
  for (const char c : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")) {
    const InkBox box = ink_box(drawn(std::string(1, c)));
    EXPECT_EQ(box.top, 10) << c;
    EXPECT_EQ(box.bottom, 18) << c;
  }
}

TEST(Font, LeavesOutWhatLiesOutsideOfThePicture) {
  Image image = blank_image(20, 12, 3, 255);
  draw_text(image, -8, -3, "MMMMMMMMMM", kRed, 2);
  draw_text(image, 1000, 1000, "M", kRed);
  draw_text(image, -1000, 0, "M", kRed);
  const InkBox box = ink_box(image);
  EXPECT_EQ(box.top, 0);
  EXPECT_GE(box.right, 18);
}

TEST(Font, WritesTheColourInEveryKindOfPicture) {
  const std::vector<std::vector<uint8_t>> expected = {{68}, {68, 255}, {200, 10, 20}, {200, 10, 20, 255}};
  for (int channels = 1; channels <= 4; ++channels) {
    Image image = blank_image(8, 12, channels, 0);
    draw_text(image, 0, 0, "E", kRed);  // the upper left dot of an E is ink
    EXPECT_EQ(std::vector<uint8_t>(image.at(0, 0), image.at(0, 0) + channels), expected[channels - 1]);
    EXPECT_EQ(*image.at(5, 0), 0);
  }
}

TEST(Font, DrawsOneBoxForACharacterThatItLacks) {
  EXPECT_EQ(text_width("caf\xc3\xa9"), text_width("cafe"));
  EXPECT_EQ(drawn("\xc3\xa9").pixels, drawn("\n").pixels);
  EXPECT_EQ(text_width(""), 0);
}

TEST(Font, CutsATextToARoom) {
  EXPECT_EQ(fit_text("losses", text_width("losses")), "losses");
  EXPECT_EQ(fit_text("generator losses", text_width("genera...")), "genera...");
  EXPECT_LE(text_width(fit_text("generator losses", 61, 2), 2), 61);
  EXPECT_EQ(fit_text("losses", 3), "");
  EXPECT_EQ(fit_text("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", text_width("e...")), "\xc3\xa9...");
}

}  // namespace
}  // namespace duet
