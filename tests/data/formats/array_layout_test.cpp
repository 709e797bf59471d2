#include "duet/data/formats/array_layout.h"

#include <gtest/gtest.h>

#include "tests/data/damage.h"

namespace duet {
namespace {

ArrayLayout layout(const std::vector<int64_t>& shape) { return layout_of(shape, "a.npy"); }

std::string refusal(const std::vector<int64_t>& shape) {
  return error_of([&] { layout(shape); });
}

TEST(ArrayLayout, FindsTheChannelsOfPicturesWhereverTheyStand) {
  for (const int64_t channels : {1, 2, 3, 4}) {
    const auto last = layout({60, 16, 12, channels}), first = layout({60, channels, 16, 12});
    EXPECT_TRUE(last.channels_last) << channels;
    EXPECT_FALSE(first.channels_last) << channels;
    EXPECT_EQ(last.shape, (Shape{channels, 16, 12}));
    EXPECT_EQ(first.shape, (Shape{channels, 16, 12}));
    EXPECT_TRUE(last.doubt.empty() && first.doubt.empty());
  }
  EXPECT_EQ(layout({60, 12, 12, 4}).reading, "[60,12,12,4] as [N,H,W,C]: pictures 12 wide and 12 high, RGBA");
}

TEST(ArrayLayout, TakesSquarePicturesWhereBothOrNeitherMayBeChannels) {
  EXPECT_EQ(layout({60, 4, 4, 3}).shape, (Shape{3, 4, 4}));
  EXPECT_EQ(layout({60, 3, 4, 4}).shape, (Shape{3, 4, 4}));
  EXPECT_EQ(layout({60, 32, 32, 7}).shape, (Shape{7, 32, 32}));
  EXPECT_EQ(layout({60, 7, 32, 32}).shape, (Shape{7, 32, 32}));
  EXPECT_TRUE(layout({60, 32, 32, 7}).doubt.empty());
}

TEST(ArrayLayout, SaysTheOtherReadingOfAShapeThatHasTwo) {
  const auto strips = layout({60, 3, 32, 3});
  EXPECT_EQ(strips.shape, (Shape{3, 32, 3}));
  EXPECT_NE(strips.doubt.find("save array.transpose(0, 3, 1, 2)"), std::string::npos);
  // The advice leads to the other reading and to no doubt.
  EXPECT_EQ(layout({60, 3, 3, 32}).shape, (Shape{3, 3, 32}));
  EXPECT_TRUE(layout({60, 3, 3, 32}).doubt.empty());
  EXPECT_FALSE(layout({60, 3, 3, 3}).doubt.empty());
}

TEST(ArrayLayout, RefusesOnePictureInsteadOfTakingItsRowsForPictures) {
  for (const int64_t channels : {1, 3, 4})
    EXPECT_NE(refusal({32, 30, channels}).find(fmt::format("shape 32x30x{} is one picture of 32x30", channels)),
              std::string::npos);
  EXPECT_NE(refusal({32, 32, 3}).find("save array[None] for one picture"), std::string::npos);
  EXPECT_EQ(layout({1, 32, 32, 3}).shape, (Shape{3, 32, 32}));
  EXPECT_NE(layout({3, 32, 32}).doubt.find("one picture of 3 channels (RGB)"), std::string::npos);
  EXPECT_TRUE(layout({60, 32, 32}).doubt.empty());
  EXPECT_EQ(layout({4, 2, 2}).shape, (Shape{1, 2, 2}));
}

TEST(ArrayLayout, RefusesNothingAndTooManyDimensions) {
  EXPECT_NE(refusal({0, 4}).find("shape 0x4 holds nothing"), std::string::npos);
  EXPECT_NE(refusal({1, 1, 1, 1, 1}).find("5 dimensions"), std::string::npos);
  EXPECT_NE(refusal({}).find("0 dimensions"), std::string::npos);
}

}  // namespace
}  // namespace duet
