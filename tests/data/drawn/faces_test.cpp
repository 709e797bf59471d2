#include "duet/data/drawn/faces.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <thread>
#include <vector>

#include "duet/core/random.h"
#include "duet/data/drawn/portrait.h"
#include "duet/picture/canvas.h"

namespace duet {
namespace {

constexpr int64_t kPixels = kFaceSide * kFaceSide;
using Picture = std::array<uint8_t, kPixels>;

Picture face(uint64_t seed, int64_t index) {
  Picture picture;
  draw_face(seed, index, picture.data());
  return picture;
}

Picture portrait(const FaceAttributes& attributes) {
  Picture picture;
  Random hairs(1);
  paint_portrait(attributes, Look{}, hairs).write(picture.data());
  return picture;
}

/// Mean absolute difference within rows [top, bottom), in grey values.
double difference(const Picture& a, const Picture& b, int64_t top, int64_t bottom) {
  double sum = 0;
  for (int64_t at = top * kFaceSide; at < bottom * kFaceSide; ++at) sum += std::abs(a[at] - b[at]);
  return sum / double((bottom - top) * kFaceSide);
}

TEST(Faces, AreTheSameInAnyOrderAndOnAnyThread) {
  constexpr int64_t kCount = 32;
  std::vector<Picture> forwards(kCount), backwards(kCount);
  for (int64_t i = 0; i < kCount; ++i) forwards[i] = face(3, i);
  std::vector<std::jthread> threads;
  for (int64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int64_t i = kCount - 1; i >= 0; --i)
        if (i % 4 == t) backwards[i] = face(3, i);
    });
  threads.clear();
  EXPECT_EQ(forwards, backwards);
}

TEST(Faces, DifferFromSeedToSeedAndFromIndexToIndex) {
  for (int64_t i = 0; i < 50; ++i) {
    EXPECT_NE(face(1, i), face(2, i));
    EXPECT_NE(face(1, i), face(1, i + 1));
  }
}

TEST(Faces, HaveEightEquallyLikelyClassesMadeOfThreeAttributes) {
  constexpr int kCount = 16000;
  std::array<int, 8> counts{};
  for (int64_t i = 0; i < kCount; ++i) {
    const FaceAttributes a = face_attributes(5, i);
    const int64_t label = a.label();
    ASSERT_EQ((label & 4) != 0, a.glasses);
    ASSERT_EQ((label & 2) != 0, a.beard != Beard::none);
    ASSERT_EQ((label & 1) != 0, a.mouth == Mouth::smile);
    ++counts.at(static_cast<size_t>(label));
  }
  const double sigma = std::sqrt(kCount / 8.0 * 7 / 8);
  for (int count : counts) EXPECT_NEAR(count, kCount / 8, 3 * sigma);
  EXPECT_EQ(face_classes(), (std::vector<std::string>{"plain", "smile", "beard", "beard+smile", "glasses",
                                                      "glasses+smile", "glasses+beard", "glasses+beard+smile"}));
}

TEST(Faces, HaveAttributesWithinTheirDocumentedRanges) {
  for (int64_t i = 0; i < 5000; ++i) {
    const FaceAttributes a = face_attributes(6, i);
    ASSERT_TRUE(a.age >= 18 && a.age <= 80);
    ASSERT_TRUE(a.wrinkles >= 0 && a.wrinkles <= 1);
    ASSERT_TRUE(a.grey >= 0 && a.grey <= 1);
    ASSERT_TRUE(a.age >= 40 || (a.wrinkles == 0 && a.grey == 0));
    ASSERT_TRUE(a.skin >= .4 && a.skin <= .84) << a.skin;
    ASSERT_TRUE(a.eye_size >= .7 && a.eye_size <= 1.25);
    ASSERT_TRUE(std::abs(a.gaze) <= 1 && std::abs(a.turn) <= 1);
    ASSERT_GT(std::abs(a.skin - painted_hair(a)), .16) << "hair that is lost in the skin";
  }
}

TEST(Faces, ShowEachAttributeWhereItBelongs) {
  const Picture plain = portrait({});
  const auto changed = [&](auto change, int64_t top, int64_t bottom) {
    FaceAttributes attributes;
    change(attributes);
    return difference(plain, portrait(attributes), top, bottom);
  };
  EXPECT_GT(changed([](auto& a) { a.glasses = true; }, 24, 40), 5);
  EXPECT_LT(changed([](auto& a) { a.glasses = true; }, 44, 64), .01);
  EXPECT_GT(changed([](auto& a) { a.mouth = Mouth::smile; }, 40, 50), 3);
  EXPECT_GT(changed([](auto& a) { a.mouth = Mouth::open; }, 40, 50), 3);
  EXPECT_GT(changed([](auto& a) { a.beard = Beard::full; }, 38, 54), 15);
  EXPECT_GT(changed([](auto& a) { a.beard = Beard::goatee; }, 38, 54), 8);
  EXPECT_GT(changed([](auto& a) { a.hair = Hair::bald; }, 5, 25), 10);
  EXPECT_GT(changed([](auto& a) { a.hair = Hair::long_hair; }, 30, 54), 10);
  EXPECT_GT(changed([](auto& a) { a.hair_shade = 1; }, 5, 25), 10);
  EXPECT_GT(changed([](auto& a) { a.eyes_open = false; }, 24, 40), 2);
  EXPECT_GT(changed([](auto& a) { a.gaze = 1; }, 24, 40), .4);
  EXPECT_GT(changed([](auto& a) { a.wrinkles = 1; }, 10, 50), .8);
  EXPECT_GT(changed([](auto& a) { a.turn = 1; }, 20, 50), 4);
}

TEST(Faces, GiveTheirAttributesAsTextInTheOrderOfTheNames) {
  FaceAttributes a;
  a.glasses = true, a.mouth = Mouth::open, a.beard = Beard::full, a.hair = Hair::long_hair, a.age = 44, a.turn = -.25;
  const std::vector<std::string> text = to_strings(a), names = face_attribute_names();
  ASSERT_EQ(text.size(), names.size());
  const auto value = [&](const std::string& name) {
    for (size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return text[i];
    return std::string("absent");
  };
  EXPECT_EQ(value("glasses"), "1");
  EXPECT_EQ(value("mouth"), "open");
  EXPECT_EQ(value("beard"), "full");
  EXPECT_EQ(value("hair"), "long");
  EXPECT_EQ(value("age"), "44");
  EXPECT_EQ(value("turn"), "-0.2500");
}

}  // namespace
}  // namespace duet
