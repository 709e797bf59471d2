#include "duet/data/drawn/digits.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <thread>
#include <vector>

namespace duet {
namespace {

constexpr int64_t kPixels = kDigitSide * kDigitSide;
using Picture = std::array<uint8_t, kPixels>;

Picture digit(uint64_t seed, int64_t index) {
  Picture picture;
  draw_digit(seed, index, picture.data());
  return picture;
}

/// How many connected regions of paper there are (4-neighbours): 1 outside, plus one per closed loop. A pixel or two
/// that a sharp corner cuts off are no loop.
int paper_regions(const Picture& picture) {
  std::array<bool, kPixels> seen{};
  int regions = 0;
  for (int64_t start = 0; start < kPixels; ++start) {
    if (seen[start] || picture[start] >= 128) continue;
    int size = 0;
    std::vector<int64_t> open{start};
    seen[start] = true;
    while (!open.empty()) {
      const int64_t at = open.back(), x = at % kDigitSide, y = at / kDigitSide;
      open.pop_back();
      ++size;
      const auto visit = [&](int64_t nx, int64_t ny) {
        if (nx < 0 || ny < 0 || nx >= kDigitSide || ny >= kDigitSide) return;
        const int64_t next = ny * kDigitSide + nx;
        if (seen[next] || picture[next] >= 128) return;
        seen[next] = true;
        open.push_back(next);
      };
      visit(x - 1, y), visit(x + 1, y), visit(x, y - 1), visit(x, y + 1);
    }
    regions += size > 2;
  }
  return regions;
}

TEST(Digits, AreTheSameInAnyOrderAndOnAnyThread) {
  constexpr int64_t kCount = 64;
  std::vector<Picture> forwards(kCount), backwards(kCount);
  for (int64_t i = 0; i < kCount; ++i) forwards[i] = digit(3, i);
  std::vector<std::jthread> threads;
  for (int64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int64_t i = kCount - 1; i >= 0; --i)
        if (i % 4 == t) backwards[i] = digit(3, i);
    });
  threads.clear();
  EXPECT_EQ(forwards, backwards);
}

TEST(Digits, DifferFromSeedToSeedAndFromIndexToIndex) {
  int same_label = 0;
  for (int64_t i = 0; i < 200; ++i) {
    EXPECT_NE(digit(1, i), digit(2, i));
    EXPECT_NE(digit(1, i), digit(1, i + 1));
    same_label += digit_label(1, i) == digit_label(2, i);
  }
  EXPECT_LT(same_label, 50);
}

TEST(Digits, AreDrawnForTheLastValidIndex) {
  const int64_t last = (int64_t{1} << 62) - 1;
  EXPECT_EQ(digit(1, last), digit(1, last));
  EXPECT_GE(digit_label(1, last), 0);
  EXPECT_LE(digit_label(1, last), 9);
}

TEST(Digits, HaveAllLabelsEquallyOften) {
  constexpr int kCount = 20000;
  std::array<int, 10> counts{};
  for (int64_t i = 0; i < kCount; ++i) ++counts.at(static_cast<size_t>(digit_label(5, i)));
  const double sigma = std::sqrt(kCount * .1 * .9);
  for (int count : counts) EXPECT_NEAR(count, kCount / 10, 3 * sigma);
}

TEST(Digits, HaveTheInkOfMnistAndKeepClearOfTheBorder) {
  double sum = 0;
  constexpr int kCount = 3000;
  for (int64_t i = 0; i < kCount; ++i) {
    const Picture picture = digit(7, i);
    double ink = 0;
    int brightest = 0;
    for (int64_t at = 0; at < kPixels; ++at) {
      const int64_t x = at % kDigitSide, y = at / kDigitSide;
      ink += picture[at];
      brightest = std::max<int>(brightest, picture[at]);
      const bool border = x == 0 || y == 0 || x == kDigitSide - 1 || y == kDigitSide - 1;
      if (border) {
        ASSERT_EQ(picture[at], 0) << "digit " << i << " at " << x << "," << y;
      }
    }
    ASSERT_GT(brightest, 200) << "digit " << i;
    ASSERT_GT(ink, 255 * 20) << "digit " << i;
    sum += ink;
  }
  const double mean = sum / 255 / kPixels / kCount;
  EXPECT_GT(mean, .10);
  EXPECT_LT(mean, .18);
}

TEST(Digits, HaveClassMeansThatDiffer) {
  std::array<std::array<double, kPixels>, 10> means{};
  std::array<int, 10> counts{};
  for (int64_t i = 0; i < 3000; ++i) {
    const Picture picture = digit(11, i);
    const auto label = static_cast<size_t>(digit_label(11, i));
    ++counts[label];
    for (int64_t at = 0; at < kPixels; ++at) means[label][at] += picture[at] / 255.0;
  }
  for (size_t a = 0; a < 10; ++a)
    for (size_t b = a + 1; b < 10; ++b) {
      double square = 0;
      for (int64_t at = 0; at < kPixels; ++at)
        square += std::pow(means[a][at] / counts[a] - means[b][at] / counts[b], 2);
      EXPECT_GT(std::sqrt(square), 2) << a << " and " << b;
    }
}

TEST(Digits, HaveAsManyLoopsAsTheirClassNearlyAlways) {
  constexpr std::array<int, 10> kLoops{1, 0, 0, 0, 0, 0, 1, 0, 2, 1};
  std::array<int, 10> counts{}, right{};
  for (int64_t i = 0; i < 3000; ++i) {
    const auto label = static_cast<size_t>(digit_label(13, i));
    const int loops = paper_regions(digit(13, i)) - 1;
    const bool may_have_one = label == 2 || label == 4;  // a curl at the foot, or closed at the top
    ++counts[label];
    right[label] += loops == kLoops[label] || (may_have_one && loops == 1);
  }
  for (size_t label = 0; label < 10; ++label) EXPECT_GT(right[label], .98 * counts[label]) << label;
}

}  // namespace
}  // namespace duet
