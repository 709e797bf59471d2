#include "duet/score/diversity.h"

#include <gtest/gtest.h>

#include <cmath>

namespace duet {
namespace {

Tensor normal_rows(int64_t n, int64_t d, double deviation, uint64_t seed) {
  auto generator = make_generator(seed);
  return at::empty({n, d}, torch::kFloat32).normal_(0, deviation, generator);
}

/// E |x - x'| of two normal vectors of d numbers: 2 Gamma((d+1)/2) / Gamma(d/2) deviations.
double expected_distance(double d, double deviation) {
  return 2 * deviation * std::exp(std::lgamma((d + 1) / 2) - std::lgamma(d / 2));
}

TEST(Spread, EqualsItsDefinitionWrittenAsLoops) {
  const auto rows = normal_rows(7, 3, 1, 1);
  double sum = 0;
  for (int64_t i = 0; i < 7; ++i)
    for (int64_t j = 0; j < 7; ++j) sum += i == j ? 0 : (rows[i] - rows[j]).norm().item<double>();
  EXPECT_NEAR(spread_of(rows).distance.at(0).value, sum / 42, 1e-6);
  EXPECT_EQ(spread_of(rows).count.at(0), 7);
}

TEST(Spread, IsTheSameInOneBlockAndInThree) {
  const auto rows = normal_rows(2'300, 4, 1, 2).to(torch::kFloat64);
  const auto all = at::cdist(rows, rows, 2, /*compute_mode=*/2);
  EXPECT_NEAR(spread_of(rows).distance.at(0).value, all.sum().item<double>() / (2'300.0 * 2'299), 1e-9);
}

TEST(Spread, OfNormalRowsIsWhatTheGammaFunctionSays) {
  for (const int64_t d : {1, 8, 100}) {
    const auto found = spread_of(normal_rows(3'000, d, 2, 3)).distance.at(0);
    EXPECT_LT(std::abs(found.value - expected_distance(static_cast<double>(d), 2)), 4 * found.standard_error.value());
  }
}

TEST(Spread, HasNoBiasWithFewRowsAndTellsItsError) {
  double sum = 0, square = 0, told = 0;
  constexpr int kRepeats = 400;
  for (int i = 0; i < kRepeats; ++i) {
    const auto found = spread_of(normal_rows(12, 4, 1, 100 + i)).distance.at(0);
    sum += found.value, square += found.value * found.value, told += *found.standard_error;
  }
  const double mean = sum / kRepeats, spread = std::sqrt(square / kRepeats - mean * mean);
  EXPECT_LT(std::abs(mean - expected_distance(4, 1)), 4 * spread / std::sqrt(kRepeats));
  EXPECT_NEAR(told / kRepeats / spread, 1, 0.2);
}

TEST(Spread, GoesByClassAndPassesOverRowsWithoutOne) {
  const auto rows = torch::tensor({{0.0F}, {9.0F}, {1.0F}, {12.0F}, {500.0F}});
  const auto spread = spread_of(rows, torch::tensor({0, 1, 0, 1, -1}), 3);
  EXPECT_EQ(spread.count, (std::vector<int64_t>{2, 2, 0}));
  EXPECT_DOUBLE_EQ(spread.distance[0].value, 1);
  EXPECT_DOUBLE_EQ(spread.distance[1].value, 3);
  EXPECT_FALSE(spread.distance[1].standard_error.has_value()) << "two rows do not tell";
}

TEST(Diversity, IsTheRatioOfDeviations) {
  const auto found = diversity_of(spread_of(normal_rows(2'000, 6, 1.5, 5)), spread_of(normal_rows(1'000, 6, 3, 6)));
  ASSERT_TRUE(found.has_value());
  EXPECT_LT(std::abs(found->relative.value - 0.5), 4 * found->relative.standard_error.value());
  EXPECT_LT(*found->relative.standard_error, 0.02);
  EXPECT_EQ(found->worst_class, 0);
  EXPECT_DOUBLE_EQ(found->worst, found->relative.value);
}

TEST(Diversity, ToldErrorMatchesTheSpreadOverRepetitions) {
  double sum = 0, square = 0, told = 0;
  constexpr int kRepeats = 200;
  for (int i = 0; i < kRepeats; ++i) {
    const auto classes = torch::arange(90).remainder(2);
    const auto found = diversity_of(spread_of(normal_rows(90, 3, 1, 1'000 + 2 * i), classes, 2),
                                    spread_of(normal_rows(90, 3, 1, 1'001 + 2 * i), classes, 2));
    sum += found->relative.value, square += std::pow(found->relative.value, 2);
    told += *found->relative.standard_error;
  }
  const double mean = sum / kRepeats, spread = std::sqrt(square / kRepeats - mean * mean);
  EXPECT_NEAR(mean, 1, 0.02);
  EXPECT_NEAR(told / kRepeats / spread, 1, 0.2);
}

TEST(Diversity, OfAFewPicturesOfManyIsTheShareOfPairsThatDiffer) {
  const auto real = normal_rows(1'000, 20, 1, 7);
  for (const int64_t k : {1, 2, 5}) {
    const auto copies = real.narrow(0, 0, k).repeat({2'000 / k, 1});
    const auto found = diversity_of(spread_of(copies), spread_of(real));
    const auto own = k == 1 ? 0 : spread_of(real.narrow(0, 0, k)).distance[0].value;
    const auto expected = static_cast<double>(k - 1) / static_cast<double>(k) * own / spread_of(real).distance[0].value;
    EXPECT_NEAR(found->relative.value, expected, 0.002) << k;
  }
}

/// Two distant classes, in one of which all pictures are the same. As a single group they would seem varied.
TEST(Diversity, NamesTheClassThatHasCollapsed) {
  const auto classes = torch::arange(400).remainder(2);
  const auto place = classes.to(torch::kFloat32).unsqueeze(1) * 50;
  const auto real = normal_rows(400, 5, 1, 8) + place;
  const auto samples = normal_rows(400, 5, 1, 9) * (1 - classes).unsqueeze(1) + place;
  const auto found = diversity_of(spread_of(samples, classes, 2), spread_of(real, classes, 2));
  EXPECT_EQ(found->worst_class, 1);
  EXPECT_NEAR(found->worst, 0, 1e-3);
  EXPECT_NEAR(found->relative.value, 0.5, 0.03);
  EXPECT_GT(diversity_of(spread_of(samples), spread_of(real))->relative.value, 0.9);
}

TEST(Diversity, CountsEveryClassByItsSamplesAndLeavesOutThoseOfAFew) {
  // Spreads of 1, 1 and 1 against real ones of 1, 2 and 4; the third class has too few samples.
  const Spread samples{{{1, 0.1}, {1, 0.1}, {1, 0.1}}, {30, 10, kLeastOfClass - 1}};
  const Spread real{{{1, 0.0}, {2, 0.0}, {4, 0.0}}, {50, 50, 50}};
  const auto found = diversity_of(samples, real);
  EXPECT_DOUBLE_EQ(found->relative.value, 0.75 * 1 + 0.25 * 0.5);
  EXPECT_DOUBLE_EQ(*found->relative.standard_error, std::hypot(0.75 * 0.1, 0.25 * 0.05));
  EXPECT_EQ(found->worst_class, 1);
}

TEST(Diversity, IsNotToldBesideRealExamplesThatAreAllAlikeOrTooFew) {
  const Spread samples{{{1, 0.1}}, {100}};
  EXPECT_FALSE(diversity_of(samples, Spread{{{0, 0.0}}, {100}}).has_value());
  EXPECT_FALSE(diversity_of(samples, Spread{{{1, 0.1}}, {kLeastOfClass - 1}}).has_value());
  // Half of the samples are in a class with enough examples.
  const Spread two{{{1, 0.1}, {1, 0.1}}, {50, 50}};
  EXPECT_TRUE(diversity_of(two, Spread{{{1, 0.1}, {1, 0.1}}, {50, 2}}).has_value());
  EXPECT_FALSE(diversity_of(Spread{{{1, 0.1}, {1, 0.1}}, {49, 51}}, Spread{{{1, 0.1}, {1, 0.1}}, {50, 2}}).has_value());
}

}  // namespace
}  // namespace duet
