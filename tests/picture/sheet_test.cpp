#include "duet/picture/sheet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "duet/core/error.h"

namespace duet {
namespace {

std::vector<Image> greys(int count, int side) {
  std::vector<Image> out;
  for (int i = 0; i < count; ++i) out.push_back(blank_image(side, side, 1, static_cast<uint8_t>(i * 5)));
  return out;
}

TEST(Sheet, PutsPicturesRowAfterRowWithAGap) {
  const Image out = sheet(greys(6, 4), {.columns = 3, .gap = 1, .scale = 2});
  EXPECT_EQ(out.width, 1 + 3 * 9);
  EXPECT_EQ(out.height, 1 + 2 * 9);
  EXPECT_EQ(out.channels, 1);
  for (int i = 0; i < 6; ++i) {
    const int left = 1 + i % 3 * 9, top = 1 + i / 3 * 9;
    EXPECT_EQ(*out.at(left, top), i * 5);
    EXPECT_EQ(*out.at(left + 7, top + 7), i * 5);
    EXPECT_EQ(*out.at(left - 1, top), 255);
    EXPECT_EQ(*out.at(left + 8, top + 7), 255);
  }
}

TEST(Sheet, EnlargesByRepeatingPixels) {
  Image picture = blank_image(2, 1, 3, 0);
  *picture.at(1, 0) = 77;
  const Image out = sheet(std::vector<Image>{picture}, {.gap = 0, .scale = 3});
  ASSERT_EQ(out.width, 6);
  ASSERT_EQ(out.height, 3);
  for (int x = 0; x < 6; ++x) EXPECT_EQ(*out.at(x, 2), x < 3 ? 0 : 77);
}

TEST(Sheet, MakesSmallPicturesLargeEnoughToSee) {
  for (const int side : {8, 16, 28, 32, 48}) {
    const Image out = sheet(greys(64, side), {});
    EXPECT_GE(out.width, 450) << side;
    EXPECT_LE(out.width, 900) << side;
    EXPECT_EQ(out.width, out.height);
    EXPECT_EQ((out.width - 2) % 8, 0);
  }
}

TEST(Sheet, LeavesLargePicturesAsTheyAre) { EXPECT_EQ(sheet(greys(4, 64), {}).width, 2 + 2 * 66); }

TEST(Sheet, PrefersFullRowsNearASquare) {
  const auto columns = [](int count) { return (sheet(greys(count, 64), {}).width - 2) / 66; };
  EXPECT_EQ(columns(1), 1);
  EXPECT_EQ(columns(10), 5);
  EXPECT_EQ(columns(32), 8);
  EXPECT_EQ(columns(50), 10);
  EXPECT_EQ(columns(7), 3);
}

TEST(Sheet, DoesNotGrowWiderThanItsPictures) { EXPECT_EQ(sheet(greys(2, 64), {.columns = 8}).width, 2 + 2 * 66); }

TEST(Sheet, WritesRowNamesLeftOfTheGrid) {
  const std::vector<Image> pictures(6, blank_image(64, 64, 1, 255));
  const Image plain = sheet(pictures, {.columns = 3});
  const Image named = sheet(pictures, {.row_names = {"real", "fake"}});
  EXPECT_EQ(named.height, plain.height);
  const int margin = named.width - plain.width;
  ASSERT_GT(margin, 0);
  // White pictures: all ink there is belongs to the names, one in each row of the grid.
  for (int row = 0; row < 2; ++row) {
    int ink = 0;
    for (int y = row * 66 + 2; y < row * 66 + 66; ++y)
      for (int x = 0; x < named.width; ++x) {
        if (*named.at(x, y) == 255) continue;
        ++ink;
        EXPECT_LT(x, margin);
      }
    EXPECT_GT(ink, 20);
  }
}

TEST(Sheet, WritesColumnNamesAboveTheGrid) {
  const std::vector<Image> pictures(6, blank_image(64, 64, 1, 255));
  const Image plain = sheet(pictures, {.columns = 3});
  const Image named = sheet(pictures, {.columns = 3, .column_names = {"cat", "dog", "eel"}});
  EXPECT_EQ(named.width, plain.width);
  const int head = named.height - plain.height;
  ASSERT_GT(head, 0);
  for (int column = 0; column < 3; ++column) {
    int ink = 0;
    for (int y = 0; y < named.height; ++y)
      for (int x = column * 66 + 2; x < column * 66 + 66; ++x) {
        if (*named.at(x, y) == 255) continue;
        ++ink;
        EXPECT_LT(y, head);
      }
    EXPECT_GT(ink, 20) << column;
  }
}

TEST(Sheet, WidensColumnsForTheirNamesAndCutsVeryLongOnes) {
  const auto width = [](const std::string& name) {
    return sheet(greys(2, 8), {.columns = 2, .scale = 1, .column_names = {name}}).width;
  };
  EXPECT_EQ(width("i"), 2 + 2 * 10);
  EXPECT_GT(width("airplane"), 2 + 2 * 40);
  EXPECT_EQ(width(std::string(40, 'w')), width(std::string(400, 'w')));
}

TEST(Sheet, MixesSizesAndChannelsInColour) {
  std::vector<Image> pictures = {blank_image(10, 10, 1, 50), blank_image(4, 6, 4, 0), blank_image(10, 10, 3, 90)};
  *(pictures[1].at(0, 0) + 3) = 255;  // one opaque black pixel in a transparent picture
  const Image out = sheet(pictures, {.columns = 3, .gap = 0, .scale = 1});
  EXPECT_EQ(out.channels, 3);
  EXPECT_EQ(out.at(0, 0)[2], 50);
  EXPECT_EQ(out.at(13, 2)[0], 0);  // centred in its cell
  EXPECT_EQ(out.at(14, 2)[0], 255);
  EXPECT_EQ(out.at(29, 9)[1], 90);
}

TEST(Sheet, GivesTheSameBytesForTheSamePictures) {
  const SheetOptions options{.row_names = {"a", "b"}};
  EXPECT_EQ(encode_png(sheet(greys(8, 28), options)), encode_png(sheet(greys(8, 28), options)));
}

TEST(Sheet, RefusesWhatCannotBeShown) {
  const auto message = [](const std::vector<Image>& pictures, const SheetOptions& options) -> std::string {
    try {
      sheet(pictures, options);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message({}, {}).find("no pictures"), std::string::npos);
  EXPECT_NE(message({blank_image(3, 3, 1), Image{}}, {}).find("picture 1 is 0 x 0"), std::string::npos);
  EXPECT_NE(message(greys(4, 100), {.scale = 900}).find("64 million"), std::string::npos);
}

}  // namespace
}  // namespace duet
