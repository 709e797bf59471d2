#include "duet/picture/gif.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "duet/core/random.h"
#include "duet/picture/film.h"
#include "duet/picture/palette.h"
#include "tests/data/damage.h"
#include "tests/picture/gif_reader.h"

namespace duet {
namespace {

/// A picture of noise, of one value, or of a ramp: bad, best and medium compression.
Image picture(int width, int height, int channels, const std::string& kind, uint64_t seed = 1) {
  Image image = blank_image(width, height, channels);
  Random random(seed, 0);
  for (size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = kind == "noise"  ? static_cast<uint8_t>(random.below(256))
                      : kind == "ramp" ? static_cast<uint8_t>(i * 7 % 251)
                                       : 77;
  return image;
}

TEST(Gif, GivesGreyPicturesBackToTheByte) {
  const std::vector<Image> pictures{picture(61, 83, 1, "noise"), picture(61, 83, 1, "flat"),
                                    picture(61, 83, 1, "ramp")};
  const std::vector<int> times{5, 50, 250};
  const auto gif = GifReader(encode_gif(pictures, times)).read();
  EXPECT_EQ(gif.width, 61);
  EXPECT_EQ(gif.height, 83);
  EXPECT_TRUE(gif.repeats);
  EXPECT_EQ(gif.hundredths, times);
  ASSERT_EQ(gif.pictures.size(), 3u);
  for (size_t i = 0; i < 3; ++i)
    for (size_t p = 0; p < pictures[i].pixels.size(); ++p)
      ASSERT_EQ(gif.pictures[i][p][0], pictures[i].pixels[p]) << i << " at " << p;
}

TEST(Gif, HoldsPicturesOfEveryLengthOfCodes) {
  // The dictionary fills up, code widths change, and the end comes just before and after each change.
  for (int pixels = 1; pixels < 700; ++pixels) {
    const std::vector<Image> one{picture(pixels, 1, 1, "noise", static_cast<uint64_t>(pixels))};
    const auto gif = GifReader(encode_gif(one, std::vector{1})).read();
    for (size_t p = 0; p < one[0].pixels.size(); ++p) ASSERT_EQ(gif.pictures[0][p][0], one[0].pixels[p]) << pixels;
  }
  for (const int side : {300, 317}) {
    const std::vector<Image> large{picture(side, side, 1, "noise")};
    const auto gif = GifReader(encode_gif(large, std::vector{1})).read();
    for (size_t p = 0; p < large[0].pixels.size(); ++p) ASSERT_EQ(gif.pictures[0][p][0], large[0].pixels[p]);
  }
}

TEST(Gif, FindsColoursThatAreNear) {
  Image image = blank_image(128, 128, 3);
  for (int y = 0; y < 128; ++y)
    for (int x = 0; x < 128; ++x) {
      image.at(x, y)[0] = static_cast<uint8_t>(2 * x);
      image.at(x, y)[1] = static_cast<uint8_t>(2 * y);
      image.at(x, y)[2] = static_cast<uint8_t>(x + y);
    }
  const auto gif = GifReader(encode_gif(std::vector{image}, std::vector{1})).read();
  double sum = 0, most = 0;
  for (size_t p = 0; p < gif.pictures[0].size(); ++p)
    for (size_t c = 0; c < 3; ++c) {
      const double error = std::abs(gif.pictures[0][p][c] - double(image.pixels[3 * p + c]));
      sum += error;
      most = std::max(most, error);
    }
  // A plane of 128 x 128 colours in 256 of them: 16 x 16 patches of 8 x 8, whose mean is 4 steps of 2 off at most.
  EXPECT_LT(sum / (3 * 128 * 128), 6);
  EXPECT_LT(most, 40);
}

TEST(Gif, KeepsFewColoursAsTheyAre) {
  Image image = blank_image(30, 10, 3);
  const Colour colours[] = {{255, 255, 255}, {0, 0, 0}, {255, 0, 0}};
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 30; ++x) std::copy_n(colours[x / 10].begin(), 3, image.at(x, y));
  const auto gif = GifReader(encode_gif(std::vector{image}, std::vector{1})).read();
  for (int x = 0; x < 30; ++x) EXPECT_EQ(gif.pictures[0][static_cast<size_t>(x)], colours[x / 10]);
}

TEST(Gif, RefusesPicturesThatDoNotGoTogether) {
  EXPECT_EQ(error_of([] { encode_gif(std::vector{blank_image(2, 2, 1), blank_image(3, 2, 1)}, std::vector{1, 1}); },
                     Fault::internal),
            "encode_gif: 2 pictures and 2 times; expected as many of both, pictures of one size");
}

TEST(Film, ShowsEverySheetWithItsLabelAndHoldsTheLast) {
  const std::vector<Image> sheets{picture(90, 60, 1, "flat"), picture(90, 60, 1, "noise"), picture(90, 60, 1, "ramp")};
  const auto gif = GifReader(film(sheets, {"0 kimg", "1 kimg", "2 kimg"})).read();
  ASSERT_EQ(gif.pictures.size(), 3u);
  EXPECT_EQ(gif.width, 90);
  EXPECT_GT(gif.height, 60) << "no room for a label";
  EXPECT_GT(gif.hundredths[2], 2 * gif.hundredths[0]);
  for (size_t p = 0; p < 90 * 60; ++p) ASSERT_EQ(gif.pictures[1][p][0], sheets[1].pixels[p]);
  const std::vector below(gif.pictures[0].begin() + 90 * 60, gif.pictures[0].end());
  EXPECT_NE(std::count(below.begin(), below.end(), Colour{38, 38, 38}), 0) << "no label";
  EXPECT_NE(below, std::vector(gif.pictures[1].begin() + 90 * 60, gif.pictures[1].end())) << "one label for all";
}

TEST(Film, KeepsToItsSizes) {
  const std::vector<Image> sheets{picture(900, 600, 3, "noise", 1), picture(900, 600, 3, "noise", 2)};
  const auto large = GifReader(film(sheets, {"a", "b"})).read();
  EXPECT_EQ(large.width, 512);
  const auto bytes = film(sheets, {"a", "b"}, {.side = 512, .bytes = 150'000});
  EXPECT_LE(bytes.size(), 150'000u);
  const auto small = GifReader(bytes).read();
  EXPECT_LT(small.width, 512);
  EXPECT_GT(small.width, 128);
  // Half of the noise remains where many pixels were averaged into one.
  EXPECT_NEAR(small.pictures[0][5000][0], 127, 60);
}

TEST(Film, LeavesOutSheetsOfAnotherSize) {
  const auto sheet = picture(90, 60, 1, "flat");
  EXPECT_TRUE(film({sheet}, {"0 kimg"}).empty());
  EXPECT_TRUE(film({picture(80, 60, 1, "flat"), sheet}, {"0 kimg", "1 kimg"}).empty());
  EXPECT_EQ(GifReader(film({sheet, picture(80, 60, 1, "flat"), sheet}, {"0", "1", "2"})).read().pictures.size(), 2u);
  // The newest sheets determine the layout: an early one with another layout does not exclude them.
  const auto newest = GifReader(film({picture(80, 60, 1, "flat"), sheet, sheet}, {"0", "1", "2"})).read();
  EXPECT_EQ(newest.pictures.size(), 2u);
  EXPECT_EQ(newest.width, 90);
}

TEST(Film, ChoosesSheetsEvenly) {
  EXPECT_EQ(film_choice(3, 48), (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(film_choice(101, 5), (std::vector<size_t>{0, 25, 50, 75, 100}));
  EXPECT_EQ(film_choice(0, 5), (std::vector<size_t>{}));
  EXPECT_EQ(film_choice(1, 5), (std::vector<size_t>{0}));
}

TEST(Palette, HasEveryGreyForGreyPictures) {
  const Palette palette(std::vector{picture(4, 4, 1, "noise")});
  ASSERT_EQ(palette.colours().size(), 256u);
  const uint8_t value = 201;
  EXPECT_EQ(palette.colours()[palette.index(&value, 1)], (Colour{201, 201, 201}));
}

}  // namespace
}  // namespace duet
