#include "duet/nn/init.h"

#include <gtest/gtest.h>

#include <cmath>

#include "duet/core/error.h"

namespace duet {
namespace {

constexpr int64_t kUnits = 200, kInputs = 300;
constexpr double kFanIn = kInputs, kFanOut = kUnits;

Tensor drawn(const std::string& how, torch::IntArrayRef sizes = {kUnits, kInputs}, uint64_t seed = 1) {
  auto weight = torch::full(sizes, 1e30);
  auto generator = make_generator(seed);
  init_weight(weight, {.weight = how, .scale = "one", .bias = 0}, generator);
  return weight.to(torch::kFloat64);
}

double average(const Tensor& x) { return x.mean().item<double>(); }
double largest(const Tensor& x) { return x.abs().max().item<double>(); }
/// Mean of (x / sigma)^power.
double moment(const Tensor& x, double sigma, int power) { return (x / sigma).pow(power).mean().item<double>(); }

/// Bounds are four standard errors of the estimate over kUnits * kInputs draws.
void expect_normal(const Tensor& x, double sigma) {
  const double root = std::sqrt(static_cast<double>(x.numel()));
  EXPECT_NEAR(average(x) / sigma, 0, 4 / root);
  EXPECT_NEAR(moment(x, sigma, 2), 1, 4 * std::sqrt(2.0) / root);
  EXPECT_NEAR(moment(x, sigma, 4), 3, 4 * std::sqrt(96.0) / root);
}

void expect_uniform(const Tensor& x, double bound) {
  const double root = std::sqrt(static_cast<double>(x.numel()));
  EXPECT_LE(largest(x), bound * (1 + 1e-6));
  EXPECT_GT(largest(x), bound * 0.999);
  EXPECT_NEAR(average(x) / bound, 0, 4 * std::sqrt(1.0 / 3) / root);
  EXPECT_NEAR(moment(x, bound, 2), 1.0 / 3, 4 * std::sqrt(4.0 / 45) / root);
}

TEST(Init, HeIsNormalWithVarianceTwoOverFanIn) { expect_normal(drawn("he"), std::sqrt(2 / kFanIn)); }

TEST(Init, HeCountsTheKernelOfAConvolution) { expect_normal(drawn("he", {60, 40, 5, 5}), std::sqrt(2.0 / (40 * 25))); }

TEST(Init, GlorotIsUniformByBothFans) { expect_uniform(drawn("glorot"), std::sqrt(6 / (kFanIn + kFanOut))); }

TEST(Init, GlorotCountsTheKernelInBothFans) {
  expect_uniform(drawn("glorot", {60, 40, 5, 5}), std::sqrt(6.0 / (25 * (60 + 40))));
}

TEST(Init, DefaultIsUniformByTheRootOfFanIn) { expect_uniform(drawn("default"), 1 / std::sqrt(kFanIn)); }

TEST(Init, NormalHasTheDeviationItIsTold) {
  expect_normal(drawn("normal(0.3)"), 0.3);
  expect_normal(drawn("normal"), 0.02);
}

TEST(Init, UniformHasTheBoundItIsTold) {
  expect_uniform(drawn("uniform(0.005)"), 0.005);
  expect_uniform(drawn("uniform"), 0.05);
}

TEST(Init, TruncatedIsANormalCutAtTwoDeviations) {
  const auto x = drawn("truncated(0.1)");
  EXPECT_LE(largest(x), 0.2 * (1 + 1e-5));
  EXPECT_GT(largest(x), 0.2 * 0.995);
  EXPECT_NEAR(average(x) / 0.1, 0, 0.016);
  // Variance of the standard normal cut at 2: 1 - 4 phi(2) / (2 Phi(2) - 1).
  const double phi = std::exp(-2.0) / std::sqrt(2 * M_PI), kept = std::erf(std::sqrt(2.0));
  EXPECT_NEAR(moment(x, 0.1, 2), 1 - 4 * phi / kept, 0.02);
  // Share within one deviation: of a uniform on the same interval it would be a half.
  EXPECT_NEAR((x.abs() < 0.1).to(torch::kFloat64).mean().item<double>(), std::erf(std::sqrt(0.5)) / kept, 0.01);
}

TEST(Init, SparseGivesEveryUnitExactlyItsNumberOfNonZeros) {
  const auto x = drawn("sparse(7)");
  EXPECT_TRUE(((x != 0).sum(1) == 7).all().item<bool>());
  const auto chosen = x.masked_select(x != 0);
  EXPECT_NEAR(average(chosen), 0, 4 / std::sqrt(7.0 * kUnits));
  EXPECT_NEAR(moment(chosen, 1, 2), 1, 4 * std::sqrt(2 / (7.0 * kUnits)));
}

TEST(Init, SparseChoosesItsInputsEvenly) {
  const auto taken = (drawn("sparse(30)", {2000, 60}) != 0).sum(0).to(torch::kFloat64);
  EXPECT_LT(largest(taken - 1000), 5 * std::sqrt(2000 * 0.25));
}

TEST(Init, SparseTakesAllInputsOfASmallUnit) {
  EXPECT_EQ((drawn("sparse(15)", {4, 6}) != 0).sum().item<int64_t>(), 24);
}

TEST(Init, IsTheSameForTheSameGeneratorAndAnotherForAnother) {
  for (const auto* how : {"he", "glorot", "default", "normal(1)", "truncated(1)", "uniform(1)", "sparse(3)"}) {
    EXPECT_TRUE(torch::equal(drawn(how), drawn(how))) << how;
    EXPECT_FALSE(torch::equal(drawn(how), drawn(how, {kUnits, kInputs}, 2))) << how;
  }
}

Tensor drawn_bias(const Init& init) {
  auto bias = torch::full({5000}, 1e30);
  auto generator = make_generator(1);
  init_bias(bias, torch::empty({5000, 64}), init, generator);
  return bias.to(torch::kFloat64);
}

TEST(Init, BiasesAreTheirConstantUnlessTheWeightsAreDefault) {
  EXPECT_TRUE((drawn_bias({.weight = "he", .scale = "one", .bias = -2}) == -2).all().item<bool>());
  const auto as_weights = drawn_bias({.weight = "default", .scale = "one", .bias = -2});
  EXPECT_LE(largest(as_weights), 1.0 / 8);
  EXPECT_NEAR(as_weights.std().item<double>(), 1.0 / 8 / std::sqrt(3.0), 0.003);
}

TEST(Init, ScalesAreOneOrNormalAroundOne) {
  auto scale = torch::zeros({20'000});
  auto generator = make_generator(1);
  init_scale(scale, {}, generator);
  EXPECT_TRUE((scale == 1).all().item<bool>());
  init_scale(scale, {.weight = "default", .scale = "normal(0.02)", .bias = 0}, generator);
  expect_normal(scale.to(torch::kFloat64) - 1, 0.02);
}

std::string refusal(const Init& init, bool of_scale = false) {
  auto tensor = torch::zeros({2, 3});
  auto generator = make_generator(1);
  try {
    of_scale ? init_scale(tensor, init, generator) : init_weight(tensor, init, generator);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

TEST(Init, RefusesAnUnknownNameWithThoseThereAre) {
  EXPECT_EQ(refusal({.weight = "xavier", .scale = "one", .bias = 0}),
            "init = 'xavier'; expected he, glorot, default, normal(s), truncated(s), uniform(r) or sparse(k)");
  EXPECT_EQ(refusal({.weight = "he", .scale = "two", .bias = 0}, true),
            "scale_init = 'two'; expected one or normal(s)");
}

TEST(Init, RefusesArgumentsThatItDoesNotTake) {
  EXPECT_EQ(refusal({.weight = "he(2)", .scale = "one", .bias = 0}),
            "'he(2)': unknown argument '2'; he takes no arguments");
  EXPECT_EQ(refusal({.weight = "sparse(0)", .scale = "one", .bias = 0}),
            "'sparse(0)': count = 0; expected a whole number of at least 1");
  EXPECT_EQ(refusal({.weight = "normal(wide)", .scale = "one", .bias = 0}),
            "'normal(wide)': deviation = wide; expected a number");
}

}  // namespace
}  // namespace duet
