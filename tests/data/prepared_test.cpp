#include "duet/data/prepared.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "duet/data/builtin.h"

namespace duet {
namespace {

/// Pictures of 4x4 pixels, all of the same grey.
class OneGrey final : public Dataset {
 public:
  OneGrey() {
    info_.shape = {1, 4, 4};
    info_.size = 3;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t, void* out) const override { std::memset(out, 70, 16); }
  int64_t label(int64_t) const override { return 0; }
  std::string where(int64_t) const override { return "grey"; }

 private:
  DatasetInfo info_;
};

std::vector<uint8_t> read(const Dataset& set, int64_t index) {
  std::vector<uint8_t> bytes(static_cast<size_t>(set.info().shape.numel()));
  set.read(index, bytes.data());
  return bytes;
}

TEST(Prepared, MakesPixelsAboveTheThresholdWhiteAndOthersBlack) {
  const auto digits = open_builtin("digits", {}).train;
  const auto black_and_white = binarised(digits, 0.5);
  const auto before = read(*digits, 3), after = read(*black_and_white, 3);
  int grey = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i], before[i] > 127 ? 255 : 0) << int{before[i]};
    grey += before[i] > 0 && before[i] < 255;
  }
  EXPECT_GT(grey, 10);
  EXPECT_EQ(black_and_white->label(3), digits->label(3));
  EXPECT_EQ(black_and_white->where(3), digits->where(3));
  EXPECT_EQ(black_and_white->info().classes, digits->info().classes);
}

TEST(Prepared, ShowsContrastNormalisedPicturesAroundTheMiddle) {
  const auto faces = open_builtin("faces", {}).train;
  const auto shown = read(*contrasted(faces, 55), 5), stored = read(*faces, 5);
  double mean = 0, square = 0;
  for (const auto byte : stored) mean += byte / static_cast<double>(stored.size());
  for (const auto byte : stored) square += (byte - mean) * (byte - mean);
  const auto deviation = std::sqrt(square / static_cast<double>(stored.size()));
  for (size_t i = 0; i < stored.size(); ++i) {
    // Two deviations are the whole way to black or white.
    const double expected = std::clamp(127.5 + (stored[i] - mean) / deviation * 63.75, 0.0, 255.0);
    EXPECT_NEAR(shown[i], expected, 0.51) << i;
  }
}

TEST(Prepared, ShowsAPictureOfOneGreyAsTheMiddle) {
  const auto grey = std::make_shared<OneGrey>();
  for (const auto byte : read(*contrasted(grey, 55), 0)) EXPECT_EQ(byte, 128);
}

TEST(Prepared, ChangesEveryPart) {
  const auto digits = open_builtin("digits", {}).train;
  const Split split = each_part(split_source({digits, digits}, {.held_out = 10}),
                                [](const auto& part) { return binarised(part, 0.5); });
  for (const auto& part : {split.train, split.held_out, split.test})
    for (const auto byte : read(*part, 0)) EXPECT_TRUE(byte == 0 || byte == 255);
  EXPECT_EQ(each_part(split_source({digits, nullptr}, {.held_out = 0}), [](const auto& part) { return part; }).held_out,
            nullptr);
}

}  // namespace
}  // namespace duet
