#include "duet/data/drawn/masks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "duet/data/dataset.h"

namespace duet {
namespace {

std::vector<uint8_t> mask(uint64_t seed, int64_t index, int64_t side) {
  std::vector<uint8_t> out(static_cast<size_t>(side * side), 7);
  draw_mask(seed, index, side, out.data());
  return out;
}

double hidden(const std::vector<uint8_t>& mask) {
  return static_cast<double>(std::count(mask.begin(), mask.end(), 0)) / static_cast<double>(mask.size());
}

TEST(Masks, AreKnownOrHiddenAndOfEachKindAsOften) {
  std::map<int64_t, int> kinds;
  std::set<std::vector<uint8_t>> halves;
  for (int64_t i = 0; i < 3000; ++i) {
    const auto one = mask(1, i, 16);
    const auto kind = mask_label(1, i);
    ++kinds[kind];
    ASSERT_TRUE(std::all_of(one.begin(), one.end(), [](uint8_t value) { return value == 0 || value == 255; }));
    const double share = hidden(one);
    const double least[] = {0.5, 1.0 / 16, 0.05}, most[] = {0.5, 9.0 / 16, 0.95};
    EXPECT_TRUE(share >= least[kind] && share <= most[kind]) << kind << ": " << share;
    if (kind == 0) halves.insert(one);
  }
  EXPECT_EQ(halves.size(), 4u) << "the left, the right, the upper and the lower";
  for (int64_t kind = 0; kind < 3; ++kind) EXPECT_NEAR(kinds[kind], 1000, 120);
}

TEST(Masks, AreDrawnInTheSizeThatIsAskedForAndStayTwoValued) {
  const auto set = open_source("masks", {.resolution = 21, .seed = 3}).train;
  EXPECT_EQ(set->info().shape, (Shape{1, 21, 21}));
  EXPECT_EQ(set->info().original.channels, 0) << "nothing is refitted";
  std::vector<uint8_t> out(21 * 21);
  for (int64_t i = 0; i < 30; ++i) {
    set->read(i, out.data());
    EXPECT_EQ(out, mask(3, i, 21));
    EXPECT_EQ(set->label(i), mask_label(3, i));
  }
  EXPECT_EQ(open_source("masks", {}).train->info().shape, (Shape{1, 28, 28}));
}

TEST(Masks, OfHalvesOfAnOddSideHideWholeHalves) {
  constexpr int64_t kSide = 7;
  std::set<std::vector<uint8_t>> found, expected;
  for (int64_t i = 0; i < 300; ++i)
    if (mask_label(1, i) == 0) found.insert(mask(1, i, kSide));
  for (const bool rows : {false, true})
    for (const bool first : {false, true}) {
      std::vector<uint8_t> half;
      for (int64_t y = 0; y < kSide; ++y)
        for (int64_t x = 0; x < kSide; ++x) half.push_back(((rows ? y : x) < kSide / 2) == first ? 0 : 255);
      expected.insert(half);
    }
  EXPECT_EQ(found, expected);
}

TEST(Masks, OfBoxesReachEveryEdge) {
  constexpr int64_t kSide = 8;
  std::set<int64_t> reached;
  for (int64_t i = 0; i < 1000; ++i) {
    if (mask_label(1, i) != 1) continue;
    const auto one = mask(1, i, kSide);
    for (int64_t k = 0; k < kSide * kSide; ++k) {
      if (one[static_cast<size_t>(k)] != 0) continue;
      reached.insert(k / kSide), reached.insert(kSide + k % kSide);
    }
  }
  EXPECT_EQ(reached.size(), 2 * kSide) << "a row or column that no box hides";
}

}  // namespace
}  // namespace duet
