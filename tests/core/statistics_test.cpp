#include "duet/core/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace duet {
namespace {

TEST(Statistics, SummariseNumbersByMeanDeviationAndEnds) {
  const auto summary = summary_of({1, 2, 6});
  EXPECT_EQ(summary.count, 3u);
  EXPECT_DOUBLE_EQ(summary.mean, 3);
  EXPECT_DOUBLE_EQ(summary.deviation, std::sqrt(7.0));  // (4 + 1 + 9) / 2
  EXPECT_EQ(summary.low, 1);
  EXPECT_EQ(summary.high, 6);
  EXPECT_EQ(summary_of({4}).deviation, 0);
  EXPECT_EQ(summary_of({}).count, 0u);
}

TEST(Statistics, PermutationTestCountsTheDivisionsThatDifferAsMuch) {
  // Of the six divisions only {1,2} against {3,4} and its exchange differ by 2.
  EXPECT_DOUBLE_EQ(permutation_p_value({1, 2}, {3, 4}), 2.0 / 6);
  // {1,4} against {2,3}: every division differs by 0 or more.
  EXPECT_DOUBLE_EQ(permutation_p_value({1, 4}, {2, 3}), 1);
  // Groups of 5: 252 divisions, of which the two extreme ones differ as much.
  EXPECT_DOUBLE_EQ(permutation_p_value({1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}), 2.0 / 252);
  // One against three: {9} alone is the only one so far away.
  EXPECT_DOUBLE_EQ(permutation_p_value({9}, {1, 2, 3}), 0.25);
  EXPECT_EQ(permutation_p_value({}, {1}), 1);
}

TEST(Statistics, PermutationTestOfEqualNumbersIsOneInSpiteOfRounding) {
  EXPECT_EQ(permutation_p_value({0.1, 0.2, 0.3}, {0.3, 0.1, 0.2}), 1);
  EXPECT_EQ(permutation_p_value({8, 8, 8}, {8, 8, 8}), 1);
}

TEST(Statistics, PermutationTestOfManyNumbersIsSampledAndTheSameEachTime) {
  std::vector<double> a, b, far;
  for (int i = 0; i < 30; ++i) {
    a.push_back(i);
    b.push_back(i + 1);
    far.push_back(i + 100);
  }
  // The difference of 1 has standard error sqrt(2 * 77.5 / 30) = 2.27: p = 0.66 by Student's t-test with 58 degrees.
  const double p = permutation_p_value(a, b);
  EXPECT_NEAR(p, 0.66, 0.02);
  EXPECT_EQ(p, permutation_p_value(a, b));
  EXPECT_EQ(permutation_p_value(a, far), least_p_value(30, 30));
  EXPECT_GT(least_p_value(30, 30), 0);
}

TEST(Statistics, SayHowLittleFewRunsCanShow) {
  EXPECT_DOUBLE_EQ(least_p_value(5, 5), 2.0 / 252);
  EXPECT_DOUBLE_EQ(least_p_value(1, 3), 1.0 / 4);
  EXPECT_EQ(least_p_value(0, 5), 1);
}

}  // namespace
}  // namespace duet
