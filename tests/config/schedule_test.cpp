#include "duet/config/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace duet {
namespace {

Schedule shaped(const std::string& shape, double from, double to, double start, double end) {
  Schedule s(from);
  s.shape = shape;
  s.to = to;
  s.start = start;
  s.end = end;
  return s;
}

// The paper's MNIST recipe, row P3: batches of 100 of 50,000 examples make 500 updates an epoch.
TEST(Schedule, GivesTheLearningRateOfTheFirstPaper) {
  Schedule lr(0.1);
  lr.shape = "exponential";
  lr.divide = 1.000004;
  lr.floor = 1e-6;
  lr.unit = "update";
  EXPECT_NEAR(lr.at({.updates = 500}), 0.0998, 1e-6);
  EXPECT_NEAR(lr.at({.updates = 50'000}), 0.081873, 1e-6);
  EXPECT_NEAR(lr.at({.updates = 125'000}), 0.060653, 1e-6);
  EXPECT_GT(lr.at({.updates = 2'878'000}), 1e-6);
  EXPECT_EQ(lr.at({.updates = 2'879'000}), 1e-6);
}

TEST(Schedule, GivesTheMomentumOfTheFirstPaper) {
  auto momentum = shaped("linear", 0.5, 0.7, 1, 250);
  momentum.unit = "epoch";
  const auto at = [&](int64_t updates) {
    return momentum.at({.updates = updates, .epoch = static_cast<double>(updates) / 500});
  };
  EXPECT_EQ(at(0), 0.5);
  EXPECT_EQ(at(500), 0.5);
  EXPECT_NEAR(at(50'000), 0.5 + 0.2 * 99 / 249, 1e-12);
  EXPECT_NEAR(at(50'000), 0.579, 1e-3);
  EXPECT_DOUBLE_EQ(at(125'000), 0.7);
  EXPECT_DOUBLE_EQ(at(200'000), 0.7);
}

TEST(Schedule, ReadsTheClockThatItsUnitNames) {
  auto s = shaped("linear", 0, 100, 0, 100);
  const Clock clock{.kimg = 10, .updates = 20, .epoch = 30};
  EXPECT_DOUBLE_EQ(s.at(clock), 10);
  s.unit = "update";
  EXPECT_DOUBLE_EQ(s.at(clock), 20);
  s.unit = "epoch";
  EXPECT_DOUBLE_EQ(s.at(clock), 30);
}

TEST(Schedule, IsFlatOutsideARamp) {
  for (const char* shape : {"linear", "cosine"}) {
    const auto s = shaped(shape, 3, 1, 10, 20);
    EXPECT_DOUBLE_EQ(s.at({.kimg = 0}), 3) << shape;
    EXPECT_DOUBLE_EQ(s.at({.kimg = 10}), 3) << shape;
    EXPECT_DOUBLE_EQ(s.at({.kimg = 15}), 2) << shape;
    EXPECT_DOUBLE_EQ(s.at({.kimg = 20}), 1) << shape;
    EXPECT_DOUBLE_EQ(s.at({.kimg = 1e6}), 1) << shape;
  }
  EXPECT_DOUBLE_EQ(shaped("linear", 3, 1, 10, 20).at({.kimg = 12.5}), 2.5);
  EXPECT_DOUBLE_EQ(shaped("cosine", 3, 1, 10, 20).at({.kimg = 12.5}), 2 + std::sqrt(0.5));
}

TEST(Schedule, JumpsWhereARampHasNoLength) {
  const auto s = shaped("linear", 3, 1, 5, 5);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 4.9}), 3);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 5}), 1);
}

TEST(Schedule, DecaysExponentiallyOnlyAfterItsStart) {
  Schedule s(8);
  s.shape = "exponential";
  s.divide = 2;
  s.start = 10;
  s.floor = 1.5;
  EXPECT_DOUBLE_EQ(s.at({.kimg = 10}), 8);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 11}), 4);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 12}), 2);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 13}), 1.5);
}

TEST(Schedule, DecaysInversely) {
  Schedule s(6);
  s.shape = "inverse";
  s.decay = 0.5;
  s.unit = "update";
  EXPECT_DOUBLE_EQ(s.at({.updates = 0}), 6);
  EXPECT_DOUBLE_EQ(s.at({.updates = 4}), 2);
}

TEST(Schedule, StepsAtTheTimesGiven) {
  Schedule s(1);
  s.shape = "steps";
  s.values = {0.1, 0.01};
  s.at_times = {5, 9};
  EXPECT_DOUBLE_EQ(s.at({.kimg = 4.99}), 1);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 5}), 0.1);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 8.99}), 0.1);
  EXPECT_DOUBLE_EQ(s.at({.kimg = 9}), 0.01);
  EXPECT_DOUBLE_EQ(s.lowest(), 0.01);
  EXPECT_DOUBLE_EQ(s.highest(), 1);
}

TEST(Schedule, IsOffOnlyWhenItIsZeroForever) {
  EXPECT_TRUE(Schedule(0).is_off());
  EXPECT_FALSE(Schedule(0.1).is_off());
  EXPECT_FALSE(shaped("linear", 0, 1, 0, 10).is_off());
  EXPECT_EQ(shaped("cosine", 3, 1, 0, 10).lowest(), 1);
  EXPECT_EQ(shaped("cosine", 3, 1, 0, 10).highest(), 3);
}

}  // namespace
}  // namespace duet
