#include <gtest/gtest.h>

#include "duet/core/error.h"
#include "duet/picture/codecs.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

Image decode(const std::string& text) { return decode_image(bytes_of(text), "a.pgm"); }

TEST(Pnm, ReadsGreyAndColouredAsTextAndBinary) {
  using Pixels = std::vector<uint8_t>;
  const auto grey = decode("P2\n# a remark\n3 2\n255\n0 1 2\n253 254 255\n");
  EXPECT_EQ(grey.width, 3);
  EXPECT_EQ(grey.height, 2);
  EXPECT_EQ(grey.channels, 1);
  EXPECT_EQ(grey.pixels, (Pixels{0, 1, 2, 253, 254, 255}));
  EXPECT_EQ(decode(std::string("P5 2 1 255\n\x07\xff", 13)).pixels, (Pixels{7, 255}));
  const auto colour = decode(std::string("P6\n1 2 #size\n255\n\x01\x02\x03\x0a\x20\x23", 23));
  EXPECT_EQ(colour.channels, 3);
  EXPECT_EQ(colour.pixels, (Pixels{1, 2, 3, 10, 32, 35}));
  EXPECT_EQ(decode("P3 1 1 255 9 8 7").pixels, (Pixels{9, 8, 7}));
}

TEST(Pnm, ScalesOtherLargestValuesToEightBits) {
  using Pixels = std::vector<uint8_t>;
  EXPECT_EQ(decode("P2 4 1 15 0 1 14 15").pixels, (Pixels{0, 17, 238, 255}));
  EXPECT_EQ(decode(std::string("P5 2 1 65535\n\x80\x00\xff\xff", 17)).pixels, (Pixels{128, 255}));
}

TEST(Pnm, DeclaresItsSize) {
  EXPECT_EQ(declared_size(bytes_of("P5\n12 34\n255\n")), (PixelSize{12, 34}));
  EXPECT_EQ(declared_size(bytes_of("P5\n12")), std::nullopt);
}

TEST(Pnm, RefusesWhatIsDamaged) {
  for (const std::string text : {"P5 2 2 255\nabc", "P2 2 2 255\n1 2 3", "P2 2 2 255\n1 2 x 4", "P5 2\n",
                                 "P5 2 2 0\nabcd", "P5 2 2 70000\nabcdefgh", "P5 99999999999 2 255\n"})
    EXPECT_NE(error_of([&] { decode(text); }).find("damaged PGM or PPM"), std::string::npos) << text;
  EXPECT_NE(error_of([&] { decode("P5 40000 40000 255\n"); }).find("declares 40000x40000"), std::string::npos);
}

TEST(Pnm, ReadsOrRefusesWhateverIsDamaged) {
  const auto read = [](const std::string& text) {
    if (looks_like_pnm(bytes_of(text))) decode_pnm(bytes_of(text), "a.pgm");
  };
  EXPECT_GT(try_damaged("P2 3 2 255\n0 1 2 253 254 255\n", 500, read), 20);
  EXPECT_GT(try_damaged(std::string("P6 2 1 255\n\1\2\3\4\5\6", 17), 500, read), 20);
}

}  // namespace
}  // namespace duet
