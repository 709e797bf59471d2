#include "duet/score/modes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "duet/core/error.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

constexpr double kSigma = 0.02;

Tensor ring_centres() {
  auto centres = torch::empty({8, 2}, torch::kFloat64);
  for (int64_t k = 0; k < 8; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / 8;
    centres[k][0] = 2 * std::cos(angle);
    centres[k][1] = 2 * std::sin(angle);
  }
  return centres;
}

/// n samples of the first `modes` modes in turn, spread by `sigma`.
Tensor ring_samples(int64_t n, int64_t modes, double sigma) {
  auto generator = make_generator(4);
  const auto noise = at::empty({n, 2}, torch::kFloat64).normal_(0, sigma, generator);
  return ring_centres().index_select(0, torch::arange(n).remainder(modes)) + noise;
}

TEST(ModeStatistics, OfTheTruthArePerfect) {
  const auto s = mode_statistics(ring_samples(20'000, 8, kSigma), ring_centres(), kSigma);
  EXPECT_EQ(s.hit, 8);
  EXPECT_NEAR(s.high_quality.value, 1 - std::exp(-4.5), 0.004);
  EXPECT_LT(s.reverse_kl.value, 1e-3);
  EXPECT_LT(s.divergence.value, 1e-3);
}

TEST(ModeStatistics, ShowDroppedModesInEveryNumberButQuality) {
  const auto s = mode_statistics(ring_samples(2'560, 2, kSigma), ring_centres(), kSigma);
  EXPECT_EQ(s.hit, 2);
  EXPECT_GT(s.high_quality.value, 0.98);
  EXPECT_NEAR(s.reverse_kl.value, std::log(4), 1e-3);
  EXPECT_NEAR(s.divergence.value, std::log(4), 0.02);
  EXPECT_NEAR(s.share[0], 0.5, 0.01);
  EXPECT_EQ(s.share[5], 0);
}

TEST(ModeStatistics, ShowPoorSamplesInQualityAndDivergence) {
  const auto s = mode_statistics(ring_samples(2'560, 8, 4 * kSigma), ring_centres(), kSigma);
  EXPECT_NEAR(s.high_quality.value, 1 - std::exp(-4.5 / 16), 0.03);
  EXPECT_GT(s.divergence.value, 2);
}

TEST(ModeStatistics, CountAModeAsHitFromTwentyOf2560On) {
  const auto rare = ring_centres()[1].expand({20, 2}), common = ring_centres()[0].expand({2'540, 2});
  EXPECT_EQ(mode_statistics(at::cat({rare, common}), ring_centres(), kSigma).hit, 2);
  EXPECT_EQ(
      mode_statistics(at::cat({rare.narrow(0, 0, 19), common, common.narrow(0, 0, 1)}), ring_centres(), kSigma).hit, 1);
}

TEST(ModeStatistics, AreWorstWithoutASampleNearAMode) {
  const auto s = mode_statistics(torch::zeros({100, 2}), ring_centres(), kSigma);
  EXPECT_EQ(s.hit, 0);
  EXPECT_EQ(s.high_quality.value, 0);
  EXPECT_NEAR(s.reverse_kl.value, std::log(8), 1e-12);
  EXPECT_NEAR(s.divergence.value, 4.5, 1e-9);
  EXPECT_THROW(mode_statistics(torch::zeros({100, 3}), ring_centres(), kSigma), Error);
}

/// Confident logits for the given classes.
Tensor sure_of(const std::vector<int64_t>& classes, int64_t count) {
  return at::one_hot(torch::tensor(classes), count).to(torch::kFloat32) * 20;
}

TEST(ClassStatistics, CountSharesAndSureSamples) {
  auto logits = sure_of({0, 0, 1, 1, 1, 1, 1, 1}, 4);
  logits[0] /= 20;  // not confident
  const auto s = class_statistics(logits, {10, 10, 10, 10});
  EXPECT_EQ(s.share, (std::vector<double>{0.25, 0.75, 0, 0}));
  EXPECT_EQ(s.covered, 2);
  EXPECT_DOUBLE_EQ(s.confident.value, 7.0 / 8);
  EXPECT_NEAR(s.kl.value, 0.75 * std::log(3), 1e-12);
}

TEST(ClassStatistics, AgreeWithDataThatAreNotUniform) {
  EXPECT_NEAR(class_statistics(sure_of({0, 1, 1, 1}, 2), {250, 750}).kl.value, 0, 1e-12);
}

TEST(ClassStatistics, StayFiniteForAClassTheDataLack) {
  EXPECT_TRUE(std::isfinite(class_statistics(sure_of({0, 1}, 2), {100, 0}).kl.value));
}

TEST(LabelAgreement, NamesTheWorstClass) {
  const auto agreement = label_agreement(sure_of({0, 0, 2, 1, 1}, 3), torch::tensor({0, 0, 2, 2, 1}, torch::kInt64));
  EXPECT_DOUBLE_EQ(agreement.share.value, 0.8);
  EXPECT_DOUBLE_EQ(agreement.worst, 0.5);
  EXPECT_EQ(agreement.worst_class, 2);
}

TEST(LabelAgreement, RefusesLabelsThatDoNotFit) {
  EXPECT_THROW(label_agreement(sure_of({0, 1}, 2), torch::tensor({0, 2}, torch::kInt64)), Error);
  EXPECT_THROW(label_agreement(sure_of({0, 1}, 2), torch::tensor({0}, torch::kInt64)), Error);
}

TEST(NormalisedInformation, IsOneForARenamingAndNothingForWhatIsUnrelated) {
  const auto a = torch::arange(360) % 6;
  EXPECT_NEAR(normalised_information(a, (a + 2) % 6), 1, 1e-12);
  EXPECT_NEAR(normalised_information(a, torch::arange(360).div(60, "floor")), 0, 1e-12) << "each pair as often";
  EXPECT_EQ(normalised_information(torch::zeros({5}, torch::kInt64), torch::zeros({5}, torch::kInt64)), 0);
  // Two codes for each of three classes: I = log 3, H = log 6 and log 3.
  EXPECT_NEAR(normalised_information(a, a % 3), 2 * std::log(3) / (std::log(6) + std::log(3)), 1e-12);
  EXPECT_EQ(error_of([&] { normalised_information(a, a.narrow(0, 0, 5)); }, Fault::data),
            "normalised_information: labels [360] and [5]; expected equally many, at least one");
}

}  // namespace
}  // namespace duet
