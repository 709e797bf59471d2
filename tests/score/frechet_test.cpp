#include "duet/score/frechet.h"

#include <gtest/gtest.h>

#include <cmath>

#include "duet/core/error.h"

namespace duet {
namespace {

Moments gaussian(const std::vector<double>& mean, const std::vector<double>& covariance) {
  const auto d = static_cast<int64_t>(mean.size());
  return {torch::tensor(mean, torch::kFloat64), torch::tensor(covariance, torch::kFloat64).view({d, d}), 100};
}

TEST(Frechet, EqualsTheClosedFormOfTwoDiagonalGaussians) {
  const auto a = gaussian({1, 0, -2}, {4, 0, 0, 0, 9, 0, 0, 0, 0.25});
  const auto b = gaussian({0, 0, 1}, {1, 0, 0, 0, 16, 0, 0, 0, 0});
  EXPECT_NEAR(frechet_distance(a, b), (1 + 9) + (1 + 1 + 0.25), 1e-10);
}

TEST(Frechet, EqualsTheClosedFormOfTwoGaussiansWhoseCovariancesDoNotCommute) {
  const auto a = gaussian({0, 0}, {2, 0.5, 0.5, 1}), b = gaussian({3, -4}, {1, -0.7, -0.7, 3});
  // In two dimensions Tr((S1 S2)^1/2) = sqrt(Tr(S1 S2) + 2 sqrt(det S1 det S2)).
  const double trace_of_product = 2 * 1 + 0.5 * -0.7 + 0.5 * -0.7 + 1 * 3;
  const double determinants = (2 - 0.25) * (3 - 0.49);
  const double expected = 25 + 3 + 4 - 2 * std::sqrt(trace_of_product + 2 * std::sqrt(determinants));
  EXPECT_NEAR(frechet_distance(a, b), expected, 1e-10);
  EXPECT_NEAR(frechet_distance(b, a), expected, 1e-10);
}

TEST(Frechet, IsZeroAndNotNegativeForEqualMomentsOfDeficientRank) {
  auto generator = make_generator(1);
  const auto moments = moments_of(at::empty({10, 40}, torch::kFloat32).normal_(0, 1, generator));
  const double distance = frechet_distance(moments, moments);
  EXPECT_GE(distance, 0);
  EXPECT_LT(distance, 1e-6);
}

TEST(Frechet, FindsTheMomentsOfSamples) {
  auto generator = make_generator(2);
  const auto a = at::empty({40'000, 3}, torch::kFloat32).normal_(0, 1, generator);
  const auto b = at::empty({40'000, 3}, torch::kFloat32).normal_(1, 2, generator);
  EXPECT_NEAR(frechet_distance(moments_of(a), moments_of(b)), 3 + 3, 0.15);
}

TEST(Frechet, DividesTheCovarianceByOneLessThanTheRows) {
  const auto moments = moments_of(torch::tensor({1.0, 3.0}, torch::kFloat64).view({2, 1}));
  EXPECT_DOUBLE_EQ(moments.covariance.item<double>(), 2);
  EXPECT_EQ(moments.count, 2);
}

TEST(Frechet, RefusesASingleRow) { EXPECT_THROW(moments_of(torch::zeros({1, 4})), Error); }

}  // namespace
}  // namespace duet
