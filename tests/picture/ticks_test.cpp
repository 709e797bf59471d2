#include "duet/picture/ticks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace duet {
namespace {

using Ticks = std::vector<double>;
using Labels = std::vector<std::string>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Ticks, AreMultiplesOfOneTwoOrFive) {
  EXPECT_EQ(nice_ticks(0, 97), (Ticks{0, 20, 40, 60, 80}));
  EXPECT_EQ(nice_ticks(0, 1.2), (Ticks{0, 0.2, 0.4, 0.6, 0.8, 1, 1.2}));
  EXPECT_EQ(nice_ticks(-3, 3), (Ticks{-3, -2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(nice_ticks(0.1, 0.3, 5), (Ticks{0.1, 0.15, 0.2, 0.25, 0.3}));
  EXPECT_EQ(nice_ticks(1e9, 3e9, 4), (Ticks{1e9, 1.5e9, 2e9, 2.5e9, 3e9}));
}

TEST(Ticks, StayInsideTheRangeAndWithinTheNumberAsked) {
  for (const double low : {-1e12, -3.7, 0.0, 1e-9, 12345.678})
    for (const double length : {1e-7, 0.3, 9.99, 4e6, 1e200})
      for (const int most : {2, 5, 10}) {
        const Ticks ticks = nice_ticks(low, low + length, most);
        EXPECT_LE(ticks.size(), static_cast<size_t>(most) + 1);
        if (length > 1e-9 * std::abs(low)) {
          EXPECT_GE(ticks.size(), 1u) << low << " " << length << " " << most;
        }
        EXPECT_TRUE(std::is_sorted(ticks.begin(), ticks.end()));
        for (const double tick : ticks) {
          EXPECT_GE(tick, low - 1e-6 * length);
          EXPECT_LE(tick, low + length * (1 + 1e-6));
        }
      }
}

TEST(Ticks, AreNoneForARangeThatIsNone) {
  EXPECT_TRUE(nice_ticks(1, 1).empty());
  EXPECT_TRUE(nice_ticks(2, 1).empty());
  EXPECT_TRUE(nice_ticks(kNan, 1).empty());
  EXPECT_TRUE(nice_ticks(0, kInf).empty());
  EXPECT_TRUE(nice_ticks(-1.7e308, 1.7e308).empty());
  EXPECT_TRUE(log_ticks(0, 10).empty());
}

TEST(Ticks, OfALogarithmicAxisArePowersOfTen) {
  EXPECT_EQ(log_ticks(0.5, 2000), (Ticks{1, 10, 100, 1000}));
  EXPECT_EQ(log_ticks(1e-12, 1e-2), (Ticks{1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2}));
  EXPECT_EQ(log_ticks(1.5, 80), (Ticks{2, 5, 10, 20, 50}));
  EXPECT_EQ(log_ticks(3, 4), (Ticks{3, 3.2, 3.4, 3.6, 3.8, 4}));
}

TEST(Ticks, AreWrittenShortAndAlike) {
  EXPECT_EQ(tick_labels(Ticks{0, 0.5, 1}), (Labels{"0", "0.5", "1.0"}));
  EXPECT_EQ(tick_labels(Ticks{0, 5000, 10000}), (Labels{"0", "5000", "10000"}));
  EXPECT_EQ(tick_labels(Ticks{0, 5e5, 1e6, 1.5e6}), (Labels{"0", "5e5", "1e6", "1.5e6"}));
  EXPECT_EQ(tick_labels(Ticks{-2e-5, 0, 2e-5}), (Labels{"-2e-5", "0", "2e-5"}));
  EXPECT_EQ(tick_labels(Ticks{0.001, 0.01, 0.1, 1, 10, 100}), (Labels{"0.001", "0.01", "0.1", "1", "10", "100"}));
  EXPECT_EQ(tick_labels(Ticks{100000.2, 100000.4}), (Labels{"100000.2", "100000.4"}));
  EXPECT_EQ(tick_labels(Ticks{1e-304, 1, 1e304}), (Labels{"1e-304", "1", "1e304"}));
}

}  // namespace
}  // namespace duet
