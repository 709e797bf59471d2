#include "duet/train/theory.h"

#include <gtest/gtest.h>

#include <cmath>

// Goodfellow et al. 2014 (arXiv:1406.2661), sections 4.1 and 4.2.
namespace duet {
namespace {

constexpr double kTolerance = 0.02;

TEST(Theory, QuadratureOfTheDivergenceKnowsItsEnds) {
  EXPECT_NEAR(twice_jensen_shannon(0), 0, 1e-12);
  EXPECT_NEAR(twice_jensen_shannon(1), 0.222843, 1e-6);  // SciPy's quad
  EXPECT_NEAR(twice_jensen_shannon(40), std::log(4.0), 1e-9);
  EXPECT_DOUBLE_EQ(twice_jensen_shannon(-2), twice_jensen_shannon(2));
}

TEST(Theory, DLearnsTheRatioOfTheDensities) {
  const auto learned = learn_ratio(1, 0);
  EXPECT_LE(learned.worst, kTolerance);
  EXPECT_NEAR(learned.learned, learned.exact, kTolerance);
  EXPECT_NEAR(learned.exact, 0.222843, 1e-6);
}

TEST(Theory, WithFakesLikeTheDataDIsAHalfAndVIsMinusLogFour) {
  const auto learned = learn_ratio(0, 0);
  EXPECT_NEAR(learned.mean_real, 0.5, kTolerance);
  EXPECT_NEAR(learned.mean_fake, 0.5, kTolerance);
  EXPECT_NEAR(learned.value, -std::log(4.0), kTolerance);
}

TEST(Theory, WithoutOverlapTheDivergenceIsLogTwo) {
  EXPECT_NEAR(learn_ratio(8, 0).learned, 2 * std::log(2.0), kTolerance);
}

TEST(Theory, TheTrainingOfTheFigureEndsWhereTheFakesAreTheDataAndDIsAHalf) {
  const auto panels = learning_panels(0);
  ASSERT_EQ(panels.size(), 4u);
  const auto largest = [](const std::vector<double>& a, const auto& b) {
    double most = 0;
    for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b(i)));
    return most;
  };
  const auto& alone = panels[1];
  const auto& end = panels[3];
  // D is off at first, and right when it has learned alone, where there are examples.
  const auto off_best = [&](const TheoryPanel& panel) {
    return largest(panel.d, [&](size_t i) { return panel.p[i] + panel.q[i] > 0.02 ? panel.best[i] : panel.d[i]; });
  };
  EXPECT_GT(off_best(panels[0]), 0.1);
  EXPECT_LT(off_best(alone), 0.05);
  // G then moves towards the data, and arrives in the end.
  const auto middle = [](const TheoryPanel& panel) { return panel.samples[panel.samples.size() / 2].second; };
  EXPECT_LT(std::abs(middle(panels[2])), std::abs(middle(alone)));
  EXPECT_NEAR(middle(end), 0, 0.1);
  EXPECT_LT(largest(end.q, [&](size_t i) { return end.p[i]; }), 0.05);
  EXPECT_LT(largest(end.d, [&](size_t i) { return std::abs(end.x[i]) < 2.5 ? 0.5 : end.d[i]; }), 0.06);
}

}  // namespace
}  // namespace duet
