#include "duet/data/drawn/toys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <vector>

namespace duet {
namespace {

Toy toy(const std::string& name) {
  for (const Toy& candidate : toys())
    if (candidate.name == name) return candidate;
  ADD_FAILURE() << "no toy " << name;
  return {};
}

std::vector<float> draw(const Toy& set, uint64_t seed, int64_t index) {
  std::vector<float> values(static_cast<size_t>(set.shape.numel()));
  set.draw(seed, index, values.data());
  return values;
}

double distance(const std::vector<float>& x, const std::vector<double>& centre) {
  double square = 0;
  for (size_t i = 0; i < x.size(); ++i) square += (x[i] - centre[i]) * (x[i] - centre[i]);
  return std::sqrt(square);
}

TEST(Toys, LieAtTheModeOfTheirLabelWithTheStatedSigma) {
  for (const char* name : {"ring", "grid", "gaussians1d"}) {
    const Toy set = toy(name);
    const Modes modes = modes_of(name).value();
    ASSERT_EQ(modes.centres.size(), set.classes.size());
    double square = 0;
    constexpr int kCount = 5000;
    for (int64_t i = 0; i < kCount; ++i) {
      const std::vector<float> x = draw(set, 1, i);
      const double d = distance(x, modes.centres.at(static_cast<size_t>(set.label(1, i))));
      ASSERT_LT(d, 5 * modes.sigma) << name << " " << i;
      square += d * d;
    }
    const double sigma = std::sqrt(square / kCount / double(set.shape.numel()));
    EXPECT_NEAR(sigma, modes.sigma, .05 * modes.sigma) << name;
  }
}

TEST(Toys, HaveTheDocumentedCentres) {
  const Modes ring = modes_of("ring").value(), grid = modes_of("grid").value(), line = modes_of("gaussians1d").value();
  ASSERT_EQ(ring.centres.size(), 8u);
  for (const auto& centre : ring.centres) EXPECT_NEAR(std::hypot(centre[0], centre[1]), 2, 1e-12);
  ASSERT_EQ(grid.centres.size(), 25u);
  EXPECT_EQ(grid.centres.front(), (std::vector<double>{-4, -4}));
  EXPECT_EQ(grid.centres.back(), (std::vector<double>{4, 4}));
  EXPECT_EQ(line.centres, (std::vector<std::vector<double>>{{-4}, {0}, {4}}));
  EXPECT_FALSE(modes_of("moons").has_value());
}

TEST(Toys, HaveEquallyLikelyLabels) {
  constexpr int kCount = 20000;
  for (const Toy& set : toys()) {
    if (!set.label) continue;
    const double p = 1.0 / double(set.classes.size()), sigma = std::sqrt(kCount * p * (1 - p));
    std::vector<int> counts(set.classes.size());
    for (int64_t i = 0; i < kCount; ++i) ++counts.at(static_cast<size_t>(set.label(4, i)));
    for (int count : counts) EXPECT_NEAR(count, kCount * p, 4 * sigma) << set.name;
  }
}

TEST(Toys, GaussianHasTheStandardNormalsMoments) {
  const Toy set = toy("gaussian");
  EXPECT_EQ(set.label, nullptr);
  constexpr int kCount = 20'000;
  double mean = 0, square = 0;
  for (int64_t i = 0; i < kCount; ++i) {
    const double x = draw(set, 5, i).at(0);
    mean += x / kCount;
    square += x * x / kCount;
  }
  EXPECT_NEAR(mean, 0, 4 / std::sqrt(kCount));
  EXPECT_NEAR(square, 1, 4 * std::sqrt(2.0 / kCount));
}

TEST(Toys, SwissrollLiesOnItsSpiral) {
  const Toy set = toy("swissroll");
  for (int64_t i = 0; i < 2000; ++i) {
    const std::vector<float> x = draw(set, 2, i);
    const double radius = std::hypot(x[0], x[1]);
    double nearest = 1e9;  // over the turns that have this direction
    for (int turn = 0; turn < 3; ++turn) {
      const double angle = std::atan2(x[1], x[0]) + 2 * std::numbers::pi * turn;
      nearest = std::min(nearest, std::abs(radius - angle / 5));
    }
    ASSERT_LT(nearest, .13) << i;
  }
}

TEST(Toys, MoonsLieOnTheHalfCircleOfTheirLabel) {
  const Toy set = toy("moons");
  for (int64_t i = 0; i < 2000; ++i) {
    const std::vector<float> x = draw(set, 2, i);
    const bool lower = set.label(2, i) == 1;
    const double radius = lower ? std::hypot(x[0] - 1, x[1] - .5) : std::hypot(x[0], x[1]);
    ASSERT_NEAR(radius, 1, .26) << i;
    ASSERT_TRUE(lower ? x[1] < .8 : x[1] > -.3) << i;
  }
}

TEST(Toys, BarsAreNothingButBarsWithTheRightProbability) {
  const Toy set = toy("bars");
  EXPECT_EQ(set.label, nullptr);
  int64_t on = 0;
  constexpr int64_t kCount = 20000;
  for (int64_t i = 0; i < kCount; ++i) {
    std::array<uint8_t, kBarsSide * kBarsSide> pixels;
    set.draw(3, i, pixels.data());
    std::array<bool, kBarsSide> row, column;
    for (int64_t k = 0; k < kBarsSide; ++k) {
      row[k] = column[k] = true;
      for (int64_t j = 0; j < kBarsSide; ++j) {
        row[k] = row[k] && pixels[k * kBarsSide + j] == 255;
        column[k] = column[k] && pixels[j * kBarsSide + k] == 255;
      }
    }
    bool any = false;
    for (int64_t y = 0; y < kBarsSide; ++y)
      for (int64_t x = 0; x < kBarsSide; ++x) {
        ASSERT_EQ(pixels[y * kBarsSide + x], row[y] || column[x] ? 255 : 0) << i;
        any = any || pixels[y * kBarsSide + x];
        on += pixels[y * kBarsSide + x] == 255;
      }
    ASSERT_TRUE(any) << i;
  }
  // P(pixel on | at least one bar) = (1 - (7/8)^2) / (1 - (7/8)^16); pixels of a picture hang together, hence 0.005.
  const double expected = (1 - std::pow(.875, 2)) / (1 - std::pow(.875, 16));
  EXPECT_NEAR(double(on) / double(kCount * kBarsSide * kBarsSide), expected, .005);
}

TEST(Toys, TopicsPairAFeatureWithAValidTag) {
  const Toy set = toy("topics");
  const TopicsTruth& truth = topics_truth();
  std::vector<int> drawn(truth.tags.size());
  for (int64_t i = 0; i < 10000; ++i) {
    const std::vector<float> x = draw(set, 5, i);
    const auto topic = static_cast<size_t>(set.label(5, i));
    const std::vector<double> centre(truth.centres[topic].begin(), truth.centres[topic].end());
    const std::vector<float> feature(x.begin(), x.begin() + TopicsTruth::kFeatureSize);
    ASSERT_LT(distance(feature, centre), TopicsTruth::kFeatureSigma * 9.5) << i;  // chi with 32 degrees, 5.6 +- 0.7
    bool valid = false;
    for (int64_t tag : truth.valid[topic]) {
      const bool same =
          std::equal(truth.tags[tag].begin(), truth.tags[tag].end(), x.begin() + TopicsTruth::kFeatureSize);
      drawn[static_cast<size_t>(tag)] += same;
      valid = valid || same;
    }
    ASSERT_TRUE(valid) << i;
  }
  EXPECT_GT(*std::min_element(drawn.begin(), drawn.end()), 20) << "every tag is drawn (50 expected)";
}

TEST(Toys, TopicsHaveTagsWhoseTwentyNearestAreTheirTopic) {
  const TopicsTruth& truth = topics_truth();
  const auto cosine = [&](int64_t a, int64_t b) {
    return std::inner_product(truth.tags[a].begin(), truth.tags[a].end(), truth.tags[b].begin(), 0.0);
  };
  const auto count = static_cast<int64_t>(truth.tags.size());
  ASSERT_EQ(count, TopicsTruth::kTopics * TopicsTruth::kTagsPerTopic);
  for (int64_t a = 0; a < count; ++a) {
    double farthest_own = 1, nearest_other = -1;
    for (int64_t b = 0; b < count; ++b) {
      double& bound = a / TopicsTruth::kTagsPerTopic == b / TopicsTruth::kTagsPerTopic ? farthest_own : nearest_other;
      bound = &bound == &farthest_own ? std::min(bound, cosine(a, b)) : std::max(bound, cosine(a, b));
    }
    EXPECT_NEAR(cosine(a, a), 1, 1e-5);
    EXPECT_GT(farthest_own, nearest_other) << "tag " << a;
  }
}

}  // namespace
}  // namespace duet
