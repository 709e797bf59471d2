#include "duet/picture/chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "duet/core/error.h"

namespace duet {
namespace {

using Numbers = std::vector<double>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

bool has_colour(const Image& image, int x, int y, Colour colour) {
  return std::equal(colour.begin(), colour.end(), image.at(x, y));
}

/// Also true for a line between two rows of pixels, each of which it covers by nine tenths.
bool is_about(const Image& image, int x, int y, Colour colour) {
  const uint8_t* pixel = image.at(x, y);
  for (int c = 0; c < 3; ++c)
    if (std::abs(pixel[c] - colour[c]) > 30) return false;
  return true;
}

/// Pixels of approximately a colour below `top`, which excludes the legend.
struct Found {
  int count = 0;
  int left = 1 << 20, right = -1, top = 1 << 20, bottom = -1;
};

Found find_colour(const Image& image, Colour colour, int top = 30) {
  Found found;
  for (int y = top; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      if (is_about(image, x, y, colour))
        found = {found.count + 1, std::min(found.left, x), std::max(found.right, x), std::min(found.top, y),
                 std::max(found.bottom, y)};
  return found;
}

/// The middle row of a colour's pixels in a column.
double row_of(const Image& image, int x, Colour colour) {
  int sum = 0, count = 0;
  for (int y = 30; y < image.height; ++y)
    if (is_about(image, x, y, colour)) sum += y, ++count;
  return count > 0 ? double(sum) / count : kNan;
}

Series ramp(int points, double slope) {
  Series series{"ramp", {}, {}, {}};
  for (int i = 0; i < points; ++i) {
    series.x.push_back(i);
    series.y.push_back(slope * i);
  }
  return series;
}

TEST(LineChart, HasTheSizeAskedForOnWhite) {
  const Image out = line_chart({ramp(50, 1)}, {.width = 640, .height = 300});
  EXPECT_EQ(out.width, 640);
  EXPECT_EQ(out.height, 300);
  EXPECT_EQ(out.channels, 3);
  EXPECT_TRUE(has_colour(out, 0, 0, {255, 255, 255}));
  EXPECT_TRUE(has_colour(out, 639, 299, {255, 255, 255}));
}

TEST(LineChart, DrawsARisingSeriesFromLowerLeftToUpperRight) {
  const Image out = line_chart({ramp(50, 1)}, {});
  const Found found = find_colour(out, series_colour(0));
  EXPECT_LT(found.left, 100);
  EXPECT_GT(found.right, 830);
  EXPECT_LT(found.top, 90);
  EXPECT_GT(found.bottom, 330);
  const double left = row_of(out, 200, series_colour(0)), middle = row_of(out, 450, series_colour(0)),
               right = row_of(out, 700, series_colour(0));
  EXPECT_GT(left, middle + 50);
  EXPECT_NEAR(left - middle, middle - right, 2);
}

TEST(LineChart, GivesEverySeriesItsOwnColourInPlotAndLegend) {
  std::vector<Series> series;
  for (int i = 0; i < 8; ++i) series.push_back({"series", {0, 1}, {double(i), double(i)}, {}});
  const Image out = line_chart(series, {});
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_GT(find_colour(out, series_colour(i)).count, 500) << i;
    EXPECT_GT(find_colour(out, series_colour(i), 0).count, find_colour(out, series_colour(i)).count) << i;
    for (size_t j = 0; j < i; ++j) EXPECT_NE(series_colour(i), series_colour(j));
  }
}

TEST(LineChart, LeavesAGapWhereNumbersAreNotFinite) {
  Series series = ramp(201, 1);
  for (size_t i = 80; i < 120; ++i) series.y[i] = i % 2 == 0 ? kNan : -kInf;
  const Image out = line_chart({series}, {});
  EXPECT_TRUE(std::isnan(row_of(out, 466, series_colour(0))));
  EXPECT_FALSE(std::isnan(row_of(out, 300, series_colour(0))));
  EXPECT_FALSE(std::isnan(row_of(out, 650, series_colour(0))));
  EXPECT_GT(find_colour(out, series_colour(0)).bottom, 330) << "an infinite value must not stretch the axis";
}

TEST(LineChart, ShowsASinglePoint) {
  const Found alone = find_colour(line_chart({{"", {3}, {5}, {}}}, {}), series_colour(0));
  EXPECT_GE(alone.count, 12);
  EXPECT_LE(alone.right - alone.left, 8);
  EXPECT_LE(alone.bottom - alone.top, 8);
}

TEST(LineChart, KeepsTheOutlierOfALongSeries) {
  Series series = ramp(200'000, 0);
  series.y[123'456] = 1000;
  const Found found = find_colour(line_chart({series}, {}), series_colour(0));
  EXPECT_LT(found.top, 90) << "the axis holds the full range and thinning keeps the extreme";
  EXPECT_GT(found.bottom, 330);
}

TEST(LineChart, MakesAnExponentialStraightOnALogarithmicAxis) {
  Series series{"", {}, {}, {}};
  for (int i = 0; i < 100; ++i) {
    series.x.push_back(i);
    series.y.push_back(std::exp(0.1 * i));
  }
  const Image out = line_chart({series}, {.log_y = true});
  const Colour colour = series_colour(0);
  EXPECT_NEAR(row_of(out, 200, colour) - row_of(out, 450, colour), row_of(out, 450, colour) - row_of(out, 700, colour),
              2);
}

TEST(LineChart, TreatsWhatALogarithmicAxisCannotHoldAsAGap) {
  const Series series{"", {0, 1, 2, 3, 4}, {10, 20, -5, 0, 40}, {}};
  const Image out = line_chart({series}, {.log_y = true});
  EXPECT_FALSE(std::isnan(row_of(out, 150, series_colour(0))));
  EXPECT_TRUE(std::isnan(row_of(out, 600, series_colour(0))));
}

TEST(LineChart, DrawsTheSpreadAsALightBandThatFitsTheAxis) {
  Series series = ramp(50, 0);
  const Image plain = line_chart({series}, {});
  series.spread.assign(50, 2.0);
  const Image banded = line_chart({series}, {});
  const Colour line = series_colour(0);
  const double middle = row_of(banded, 450, line);
  ASSERT_FALSE(std::isnan(middle));
  const uint8_t* band = banded.at(451, static_cast<int>(middle) - 80);
  EXPECT_LT(band[0], 230);
  EXPECT_GT(band[0], line[0] + 100);
  EXPECT_TRUE(has_colour(plain, 451, static_cast<int>(middle) - 80, {255, 255, 255}));
  EXPECT_TRUE(has_colour(banded, 451, 35, {255, 255, 255})) << "above the plot nothing is tinted";
}

TEST(LineChart, MarksAPlaceWithADashedLineAndAName) {
  const ChartOptions plain{.x_label = "kimg", .y_label = "FID"};
  ChartOptions marked = plain;
  marked.mark_x = 25;
  marked.mark_name = "best";
  const Image without = line_chart({ramp(51, 1)}, plain), with = line_chart({ramp(51, 1)}, marked);
  int least = 1 << 20, most = -1, on_line = 0;
  for (int y = 60; y < with.height; ++y)
    for (int x = 0; x < with.width; ++x)
      if (!std::equal(with.at(x, y), with.at(x, y) + 3, without.at(x, y)))
        least = std::min(least, x), most = std::max(most, x), ++on_line;
  EXPECT_GT(on_line, 100);
  EXPECT_LT(on_line, 250) << "dashed";
  EXPECT_EQ(least, most) << "one pixel wide";
  EXPECT_NEAR(least, (58 + 876) / 2, 3);
}

TEST(LineChart, WidensTheAxisForAMarkBeyondTheData) {
  const Image out = line_chart({ramp(51, 1)}, {.mark_x = 100.0, .mark_name = "planned end of the run"});
  EXPECT_LT(find_colour(out, series_colour(0)).right, 480);
}

TEST(LineChart, SurvivesAnyNumbers) {
  const double most = std::numeric_limits<double>::max(), least = std::numeric_limits<double>::denorm_min();
  const std::vector<Numbers> values = {
      {},        {kNan, kNan},     {0, 0},  {5, 5},         {most, -most}, {1e300, -1e300}, {least, 0}, {1e-300, 1e300},
      {kInf, 1}, {1e16, 1e16 + 2}, {-1, 0}, {least, least}, {1e300, 1e300}};
  for (const Numbers& y : values)
    for (const Numbers& x : values)
      for (const bool log : {false, true}) {
        Series series{"any", x, y, {}};
        series.x.resize(y.size(), 1.0);
        series.spread.assign(y.size(), y.empty() ? 0 : y[0]);
        const Image out = line_chart({series}, {.width = 240, .height = 160, .log_y = log, .mark_x = kInf});
        EXPECT_EQ(out.pixels.size(), 240u * 160 * 3);
      }
}

TEST(LineChart, SaysWhenThereAreNoData) {
  const Image empty = line_chart({}, {});
  int ink = 0;
  for (int y = 180; y < 240; ++y)
    for (int x = 400; x < 530; ++x) ink += *empty.at(x, y) < 100 ? 1 : 0;
  EXPECT_GT(ink, 40);
  EXPECT_EQ(line_chart({{"", {}, {}, {}}}, {}).pixels, empty.pixels);
  EXPECT_EQ(line_chart({{"", {1, 2}, {kNan, kNan}, {}}}, {}).pixels, empty.pixels);
}

TEST(LineChart, KeepsItsPlotUnderALongLegend) {
  const std::vector<Series> series(60, {"a rather long name of a series", {0, 1}, {0, 1}, {}});
  const Image out = line_chart(series, {.title = std::string(500, 'W'), .height = 200});
  EXPECT_GT(find_colour(out, series_colour(59), 120).count, 300);
  for (int y = 0; y < out.height; ++y) EXPECT_TRUE(has_colour(out, out.width - 1, y, {255, 255, 255}));
}

TEST(LineChart, GivesTheSameBytesForTheSameInput) {
  const ChartOptions options{.title = "Losses", .x_label = "kimg", .y_label = "loss"};
  EXPECT_EQ(line_chart({ramp(99, 2), ramp(70, -1)}, options).pixels,
            line_chart({ramp(99, 2), ramp(70, -1)}, options).pixels);
}

TEST(LineChart, RefusesVectorsOfDifferentLengths) {
  try {
    line_chart({{"fid", {1, 2}, {1}, {}}}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::internal);
    EXPECT_NE(std::string(error.what()).find("\"fid\" has 2 x, 1 y"), std::string::npos);
  }
  EXPECT_THROW(line_chart({{"fid", {1, 2}, {1, 2}, {1}}}, {}), Error);
}

TEST(Stack, PutsChartsOneAboveAnother) {
  const Image first = line_chart({ramp(5, 1)}, {.width = 400, .height = 200});
  const Image second = line_chart({ramp(5, -1)}, {.width = 300, .height = 150});
  const Image out = stack({first, second, blank_image(10, 5, 1, 7)});
  EXPECT_EQ(out.width, 400);
  EXPECT_EQ(out.height, 355);
  for (int y = 0; y < 200; ++y) EXPECT_TRUE(std::equal(first.at(0, y), first.at(0, y) + 1200, out.at(0, y)));
  for (int y = 0; y < 150; ++y) EXPECT_TRUE(std::equal(second.at(0, y), second.at(0, y) + 900, out.at(0, 200 + y)));
  EXPECT_TRUE(has_colour(out, 399, 300, {255, 255, 255}));
  EXPECT_TRUE(has_colour(out, 9, 354, {7, 7, 7}));
  EXPECT_THROW(stack({}), Error);
}

/// Pixels tinted by a colour: nearer to it than to grey or white.
Found find_blue(const Image& image) {
  Found found;
  for (int y = 60; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      if (image.at(x, y)[2] > image.at(x, y)[0] + 60)
        found = {found.count + 1, std::min(found.left, x), std::max(found.right, x), std::min(found.top, y),
                 std::max(found.bottom, y)};
  return found;
}

const Cloud kSquare{"real", {-1, 1, -1, 1}, {-1, -1, 1, 1}};

TEST(Scatter, UsesEqualUnitsOnBothAxes) {
  for (const int width : {420, 900}) {
    const Image out = scatter({{"", {-1, 1}, {-1, 1}}, {"generated", {-1, 1, -1, 1}, {-1, -1, 1, 1}}},
                              {.width = width, .height = 420});
    const Found found = find_blue(out);
    ASSERT_GT(found.count, 16);
    EXPECT_NEAR(found.right - found.left, found.bottom - found.top, 2);
    EXPECT_GT(found.bottom - found.top, 200);
  }
}

TEST(Scatter, TakesItsRangeFromTheFirstCloud) {
  const Found narrow = find_blue(scatter({kSquare, {"", {0, 0.5}, {0, 0.5}}}, {}));
  const Found far = find_blue(scatter({kSquare, {"", {0, 0.5, 1e6, -3000}, {0, 0.5, 1e6, 0}}}, {}));
  EXPECT_NEAR(narrow.right - narrow.left, far.right - far.left, 6);
  EXPECT_GT(narrow.right - narrow.left, 40);
}

TEST(Scatter, CountsWhatLiesOutsideInTheLegend) {
  const auto heading = [](const Image& image) {
    return std::vector<uint8_t>(image.pixels.begin(), image.pixels.begin() + image.width * 3 * 40);
  };
  const Image noted = scatter({kSquare, {"fake", {0, 99, kNan}, {0, 99, 0}}}, {});
  const Image plain = scatter({kSquare, {"fake, 2 outside", {0, 0, 0}, {0, 0, 0}}}, {});
  EXPECT_EQ(heading(noted), heading(plain));
  const Image inside = scatter({kSquare, {"fake", {0, 0, 0}, {0, 0, 0}}}, {});
  EXPECT_NE(heading(noted), heading(inside));
}

TEST(Scatter, DrawsGeneratedPointsAboveRealOnes) {
  const Cloud pile{"real", std::vector<double>(200, 0.0), std::vector<double>(200, 0.0)};
  Cloud real = pile;
  real.x.insert(real.x.end(), {-1, 1});
  real.y.insert(real.y.end(), {-1, 1});
  EXPECT_GT(find_blue(scatter({real, pile}, {})).count, 4);
  EXPECT_EQ(find_blue(scatter({real}, {})).count, 0);
}

TEST(Scatter, JoinsThePointsOfAWay) {
  Cloud way{"", {-0.9, 0.9}, {0, 0}};
  const Found dots = find_blue(scatter({kSquare, way}, {}));
  way.joined = true;
  const Image out = scatter({kSquare, way}, {});
  const Found joined = find_blue(out);
  EXPECT_NEAR(joined.right - joined.left, dots.right - dots.left, 4);
  EXPECT_GT(joined.count, joined.right - joined.left) << "a line has a pixel in every column";
  way = {"", {-0.9, 50, 0.9}, {0, 0, 0}, true};
  EXPECT_LT(find_blue(scatter({kSquare, way}, {})).count, 150) << "no line leads over a point outside";
}

TEST(Scatter, KeepsItsPlotUnderManyWays) {
  std::vector<Cloud> clouds(1, kSquare);
  clouds.resize(300, {"", {-0.9, 0.9}, {-0.9, 0.9}, true});
  const Found found = find_blue(scatter({clouds[0], clouds[1]}, {}));
  EXPECT_GT(found.bottom - found.top, 200);
  const Image many = scatter(clouds, {});
  int coloured = 0;
  for (int y = 60; y < many.height; ++y)
    for (int x = 0; x < many.width; ++x) coloured += std::abs(many.at(x, y)[0] - many.at(x, y)[2]) > 60;
  EXPECT_GT(coloured, 200);
}

TEST(Scatter, SurvivesAnyNumbers) {
  const std::vector<Cloud> odd = {{"none", {}, {}},
                                  {"one", {3}, {4}},
                                  {"line", {1, 2, 3}, {5, 5, 5}},
                                  {"huge", {-1e300, 1e300}, {0, 1e300}},
                                  {"tiny", {1e-310, 0}, {0, 1e-310}},
                                  {"broken", {kNan, kInf}, {0, 0}}};
  EXPECT_EQ(scatter({}, {}).width, 900);
  for (const Cloud& first : odd)
    for (const Cloud& second : odd) {
      const Image out = scatter({first, second}, {.width = 300, .height = 300});
      EXPECT_EQ(out.pixels, scatter({first, second}, {.width = 300, .height = 300}).pixels);
    }
  EXPECT_THROW(scatter({{"real", {1}, {}}}, {}), Error);
}

}  // namespace
}  // namespace duet
