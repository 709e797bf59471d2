#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "duet/picture/chart.h"

namespace duet {
namespace {

bool is_about(const uint8_t* pixel, Colour colour) {
  for (size_t c = 0; c < 3; ++c)
    if (std::abs(pixel[c] - colour[c]) > 30) return false;
  return true;
}

Series line(double from, double to, double low, double high) {
  Series series{"", {}, {}, {}};
  for (int i = 0; i <= 100; ++i) {
    series.x.push_back(from + (to - from) * i / 100);
    series.y.push_back(low + (high - low) * i / 100);
  }
  return series;
}

/// Ends of the x axis of the chart that begins in row `top`: the longest row of the axis' grey.
std::pair<int, int> axis_of(const Image& image, int top, int height) {
  std::pair<int, int> longest{0, 0};
  for (int y = top; y < top + height; ++y) {
    int begin = -1;
    for (int x = 0; x < image.width; ++x) {
      const bool grey = is_about(image.at(x, y), {150, 150, 150});
      if (!grey) begin = -1;
      if (grey && begin < 0) begin = x;
      if (grey && x - begin > longest.second - longest.first) longest = {begin, x};
    }
  }
  return longest;
}

/// First and last column with a colour.
std::pair<int, int> reach_of(const Image& image, int top, int height, Colour colour) {
  std::pair<int, int> reach{image.width, -1};
  for (int y = top; y < top + height; ++y)
    for (int x = 0; x < image.width; ++x)
      if (is_about(image.at(x, y), colour)) reach = {std::min(reach.first, x), std::max(reach.second, x)};
  return reach;
}

TEST(LineCharts, StandInLineWithOneXAxisFromWhereItIsToldTo) {
  ChartOptions options;
  options.x_from = 0;
  // The second chart's labels are wide, the first one's values go further.
  const auto image = line_charts({{{line(10, 1000, 0, 1)}, options}, {{line(500, 900, -123456, 654321)}, options}});
  const int height = image.height / 2;
  const auto first = axis_of(image, 0, height), second = axis_of(image, height, height);
  EXPECT_GT(first.second - first.first, 600);
  EXPECT_EQ(first, second);
  const double unit = (first.second - first.first) / (1000 * 1.015);
  const auto line_of_first = reach_of(image, 30, height - 60, series_colour(0));
  const auto line_of_second = reach_of(image, height + 30, height - 60, series_colour(0));
  EXPECT_NEAR(line_of_first.first, first.first + 10 * unit, 3);
  EXPECT_NEAR(line_of_first.second, first.first + 1000 * unit, 3);
  EXPECT_NEAR(line_of_second.first, first.first + 500 * unit, 3);
  EXPECT_NEAR(line_of_second.second, first.first + 900 * unit, 3);
}

TEST(LineCharts, HoldAValueBeforeTheirBeginning) {
  ChartOptions options;
  options.x_from = 0;
  const auto image = line_charts({{{line(-50, 50, 0, 1)}, options}});
  const auto axis = axis_of(image, 0, image.height);
  const auto reach = reach_of(image, 30, image.height - 60, series_colour(0));
  EXPECT_NEAR((reach.first + reach.second) / 2.0, (axis.first + axis.second) / 2.0, 4);
}

TEST(LineCharts, ADashedSeriesIsGreyHasGapsAndTakesNoColour) {
  auto floor = line(0, 100, 0.5, 0.5);
  floor.dashed = true;
  const auto image = line_charts({{{floor, line(0, 100, 0, 1)}, {}}});
  const auto axis = axis_of(image, 0, image.height);
  int drawn = 0, changes = 0;
  for (int y = 30; y < image.height - 60; ++y) {
    int here = 0, turns = 0;
    bool before = false;
    for (int x = axis.first; x < axis.second; ++x) {
      const bool grey = is_about(image.at(x, y), {110, 110, 110});
      here += grey;
      turns += grey != before;
      before = grey;
    }
    if (here > drawn) drawn = here, changes = turns;
  }
  const double share = double(drawn) / (axis.second - axis.first);
  EXPECT_GT(share, 0.4);
  EXPECT_LT(share, 0.8);
  EXPECT_GT(changes, 60);
  EXPECT_GE(reach_of(image, 30, image.height - 60, series_colour(0)).second, 0) << "the first colour is not taken";
  EXPECT_LT(reach_of(image, 30, image.height - 60, series_colour(1)).second, 0);
}

}  // namespace
}  // namespace duet
