#include "duet/ops/update.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace duet {
namespace {

TEST(Update, OfAPartOfTheBuffersLeavesTheRestAlone) {
  std::vector<float> p(10, 1), g(10, 2), m(10, 0), v(10, 0);
  update({.rule = Rule::sgd, .lr = 0.5F}, {p.data(), m.data(), v.data(), nullptr}, g.data(), 3, 7);
  EXPECT_EQ(p, (std::vector<float>{1, 1, 1, 0, 0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(m, (std::vector<float>{0, 0, 0, -1, -1, -1, -1, 0, 0, 0}));
}

TEST(Update, ClipsGradientsAndValuesButKeepsWhatIsNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> p(3, 0), g = {100, -100, nan}, m(3, 0);
  update({.rule = Rule::sgd, .lr = 1, .clip = 5, .weight_clip = 2}, {p.data(), m.data(), nullptr, nullptr}, g.data(), 0,
         3);
  EXPECT_EQ(p[0], -2);
  EXPECT_EQ(p[1], 2);
  EXPECT_EQ(m[0], -5);
  EXPECT_TRUE(std::isnan(p[2]));
}

TEST(Update, MovesTheAverageTowardsTheNewValue) {
  std::vector<float> p = {1}, g = {1}, m = {0}, average = {0};
  update({.rule = Rule::sgd, .lr = 0.5F, .average_rate = 0.1F}, {p.data(), m.data(), nullptr, average.data()}, g.data(),
         0, 1);
  EXPECT_FLOAT_EQ(average[0], 0.05F);
}

TEST(Update, ScalesThenClipsAndDecaysBeyondTheClip) {
  // 4 times 0.5 is within 2.5; the decay of 10 adds 1.
  std::vector<float> p = {10}, g = {4}, m = {0}, average = {0};
  update({.rule = Rule::sgd,
          .lr = 1,
          .gradient_scale = 0.5F,
          .clip = 2.5F,
          .weight_decay = 0.1F,
          .weight_clip = 6,
          .average_rate = 0.5F},
         {p.data(), m.data(), nullptr, average.data()}, g.data(), 0, 1);
  EXPECT_FLOAT_EQ(m[0], -3);
  EXPECT_EQ(p[0], 6) << "7 without its own limit";
  EXPECT_FLOAT_EQ(average[0], 3) << "of what the limit leaves";
}

}  // namespace
}  // namespace duet
