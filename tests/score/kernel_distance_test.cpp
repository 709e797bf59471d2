#include "duet/score/kernel_distance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "duet/core/error.h"

namespace duet {
namespace {

Tensor normal_rows(int64_t n, int64_t d, double mean, uint64_t seed) {
  auto generator = make_generator(seed);
  return at::empty({n, d}, torch::kFloat32).normal_(mean, 1, generator);
}

/// The definition, one pair at a time.
double by_definition(const Tensor& x, const Tensor& y) {
  const auto k = [&](const Tensor& a, const Tensor& b) {
    return std::pow(a.dot(b).item<double>() / static_cast<double>(x.size(1)) + 1, 3);
  };
  const auto within = [&](const Tensor& a) {
    double sum = 0;
    for (int64_t i = 0; i < a.size(0); ++i)
      for (int64_t j = 0; j < a.size(0); ++j) sum += i == j ? 0 : k(a[i], a[j]);
    return sum / static_cast<double>(a.size(0) * (a.size(0) - 1));
  };
  double across = 0;
  for (int64_t i = 0; i < x.size(0); ++i)
    for (int64_t j = 0; j < y.size(0); ++j) across += k(x[i], y[j]);
  return within(x) + within(y) - 2 * across / static_cast<double>(x.size(0) * y.size(0));
}

TEST(KernelDistance, EqualsItsDefinitionWrittenAsLoops) {
  const auto x = normal_rows(7, 3, 0, 1).to(torch::kFloat64), y = normal_rows(5, 3, 1, 2).to(torch::kFloat64);
  EXPECT_NEAR(kernel_distance(x, y).value, by_definition(x, y), 1e-10);
}

TEST(KernelDistance, IsNearZeroForEqualDistributions) {
  for (const auto kernel : {Kernel::cubic, Kernel::energy}) {
    const auto same = kernel_distance(normal_rows(5'000, 16, 0, 3), normal_rows(3'000, 16, 0, 4), kernel);
    ASSERT_TRUE(same.standard_error.has_value());
    EXPECT_LT(std::abs(same.value), 4 * *same.standard_error);
    const auto moved = kernel_distance(normal_rows(5'000, 16, 0.2, 3), normal_rows(3'000, 16, 0, 4), kernel);
    EXPECT_GT(moved.value, 10 * *moved.standard_error);
  }
}

TEST(KernelDistance, HasNoBiasWithFewSamples) {
  double sum = 0, square = 0;
  constexpr int kRepeats = 300;
  for (int i = 0; i < kRepeats; ++i) {
    const auto value = kernel_distance(normal_rows(25, 4, 0, 10 + 2 * i), normal_rows(25, 4, 0, 11 + 2 * i)).value;
    sum += value, square += value * value;
  }
  const double mean = sum / kRepeats, error = std::sqrt((square / kRepeats - mean * mean) / kRepeats);
  EXPECT_LT(std::abs(mean), 4 * error);
}

TEST(KernelDistance, ToldErrorMatchesTheSpreadOverRepetitions) {
  double sum = 0, square = 0, told = 0;
  constexpr int kRepeats = 100;
  for (int i = 0; i < kRepeats; ++i) {
    const auto e = kernel_distance(normal_rows(500, 8, 0.3, 1'000 + 2 * i), normal_rows(500, 8, 0, 1'001 + 2 * i));
    sum += e.value, square += e.value * e.value, told += *e.standard_error;
  }
  const double mean = sum / kRepeats, spread = std::sqrt(square / kRepeats - mean * mean);
  EXPECT_NEAR(told / kRepeats / spread, 1, 0.15);
}

TEST(KernelDistance, DoesNotDependOnTheOrderOfRows) {
  const auto x = normal_rows(3'000, 2, 0.3, 20), y = normal_rows(2'000, 2, 0, 21);
  const auto sorted = x.index_select(0, x.select(1, 0).argsort());
  const auto drawn = kernel_distance(x, y), ordered = kernel_distance(sorted, y);
  EXPECT_NEAR(drawn.value, ordered.value, 1e-9);
  EXPECT_LT(*ordered.standard_error, 2 * *drawn.standard_error);
}

TEST(KernelDistance, EnergyOfTwoPointsIsTwiceTheirDistance) {
  EXPECT_NEAR(kernel_distance(torch::zeros({50, 1}), torch::full({60, 1}, 3.0), Kernel::energy).value, 6, 1e-12);
}

TEST(KernelDistance, EnergySeesADifferenceBeyondTheThirdMoment) {
  const auto x = normal_rows(4'000, 1, 0, 5), coin = normal_rows(4'000, 1, 0, 6).sign();
  const auto cubic = kernel_distance(x, coin), energy = kernel_distance(x, coin, Kernel::energy);
  EXPECT_LT(std::abs(cubic.value), 4 * *cubic.standard_error);
  EXPECT_GT(energy.value, 10 * *energy.standard_error);
}

TEST(KernelDistance, TellsNoErrorForAHandfulOfRowsAndRefusesOne) {
  EXPECT_FALSE(kernel_distance(normal_rows(10, 2, 0, 7), normal_rows(100, 2, 0, 8)).standard_error.has_value());
  EXPECT_THROW(kernel_distance(normal_rows(1, 2, 0, 7), normal_rows(100, 2, 0, 8)), Error);
}

}  // namespace
}  // namespace duet
