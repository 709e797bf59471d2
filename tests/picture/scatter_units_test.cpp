#include <gtest/gtest.h>

#include <algorithm>

#include "duet/picture/chart.h"

namespace duet {
namespace {

/// Rows between the highest and the lowest pixel of the colour that generated points have.
int rows_of_points(double width, double height) {
  Cloud real{"real", {}, {}}, made{"made", {}, {}};
  for (int i = 0; i <= 20; ++i) {
    made.x.push_back(width * i / 20);
    made.y.push_back(height * i / 20);
  }
  real.x = {0, width};
  real.y = {0, height};
  const auto picture = scatter({real, made}, {.width = 400, .height = 400});
  int first = picture.height, last = -1;
  for (int y = 60; y < picture.height; ++y)  // below the legend
    for (int x = 0; x < picture.width; ++x) {
      const auto* p = picture.at(x, y);
      const auto [low, high] = std::minmax({p[0], p[1], p[2]});
      if (high - low > 40) first = std::min(first, y), last = std::max(last, y);
    }
  return last - first + 1;
}

TEST(ScatterUnits, AreAlikeOnBothAxesWhereTheRangesAre) {
  EXPECT_LT(rows_of_points(9, 1), 60);
  EXPECT_GT(rows_of_points(1, 1), 200);
}

TEST(ScatterUnits, AreEachAxesOwnWhereOneWouldVanish) {
  EXPECT_GT(rows_of_points(1000, 1), 200);
  EXPECT_GT(rows_of_points(1, 1e-6), 200);
}

}  // namespace
}  // namespace duet
