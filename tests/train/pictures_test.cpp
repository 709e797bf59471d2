#include "duet/train/pictures.h"

#include "duet/picture/font.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// Whether this text appears, in any colour on a lighter background.
bool says(const Image& picture, const std::string& text) {
  auto word = blank_image(text_width(text) + 2, 8, 1, 255);
  draw_text(word, 1, 0, text, {0, 0, 0});
  const auto is_ink = [](const Image& image, int x, int y) { return image.at(x, y)[0] < 170; };
  const auto stands_at = [&](int left, int top) {
    for (int y = 0; y < word.height; ++y)
      for (int x = 0; x < word.width; ++x)
        if (is_ink(word, x, y) != is_ink(picture, left + x, top + y)) return false;
    return true;
  };
  for (int top = 0; top + word.height <= picture.height; ++top)
    for (int left = 0; left + word.width <= picture.width; ++left)
      if (stands_at(left, top)) return true;
  return false;
}

TEST(Pictures, OfCurvesCountThousandsOfImages) {
  std::vector<nlohmann::ordered_json> events;
  for (const int64_t images : {0, 1'000'000, 2'000'000})
    events.push_back(
        {{"event", "tick"}, {"images", images}, {"terms", {{"generator/adversarial", 0.5 + 1e-6 * images}}}});
  const auto picture = curves(events);
  EXPECT_TRUE(says(picture, "kimg"));
  EXPECT_TRUE(says(picture, "1500"));
  EXPECT_FALSE(says(picture, "1499"));
}

TEST(Pictures, KeepEveryColourAndPixelInItsPlace) {
  const auto stored = torch::arange(2 * 3 * 2 * 4).to(torch::kUInt8).view({2, 3, 2, 4});
  const auto pictures = pictures_of(stored);
  ASSERT_EQ(pictures.size(), 2u);
  for (int64_t i = 0; i < 2; ++i) {
    const auto& picture = pictures[static_cast<size_t>(i)];
    ASSERT_EQ(picture.width, 4);
    ASSERT_EQ(picture.height, 2);
    ASSERT_EQ(picture.channels, 3);
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 4; ++x)
        for (int c = 0; c < 3; ++c) EXPECT_EQ(picture.at(x, y)[c], 24 * i + 8 * c + 4 * y + x);
  }
  const auto grey = pictures_of(stored.narrow(1, 0, 1));
  EXPECT_EQ(grey[1].channels, 1);
  EXPECT_EQ(grey[1].at(3, 1)[0], 24 + 4 + 3);
}

}  // namespace
}  // namespace duet
