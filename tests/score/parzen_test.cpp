#include "duet/score/parzen.h"

#include <gtest/gtest.h>

#include <cmath>

#include "duet/core/error.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

Tensor rows(std::vector<double> numbers, int64_t columns) {
  return torch::tensor(numbers, torch::kFloat64).reshape({-1, columns});
}

Tensor normal(int64_t n, int64_t d, double deviation, uint64_t seed) {
  auto generator = make_generator(seed);
  return torch::empty({n, d}, torch::kFloat64).normal_(0, deviation, generator);
}

// Computed apart, in double precision.
TEST(Parzen, GivesTheDensityWorkedOutByHand) {
  const auto samples = rows({0, 0, 1, 0, 0, 2}, 2), points = rows({.5, .5, 1, 1}, 2);
  const auto each = parzen_log_density(points, samples, 0.5);
  EXPECT_NEAR(each[0].item<double>(), -1.847932, 1e-5);
  EXPECT_NEAR(each[1].item<double>(), -3.310650, 1e-5);
  const auto score = parzen_score(points, samples, 0.5);
  EXPECT_NEAR(score.value, -2.579291, 1e-5);
  EXPECT_NEAR(score.standard_error.value(), 0.517149, 1e-5);
}

TEST(Parzen, IsHighestAtASampleThatIsAlone) {
  EXPECT_NEAR(parzen_ceiling(784, 0.1), 1084.779, 1e-3);
  EXPECT_NEAR(parzen_ceiling(784, 0.2), 541.352, 1e-3);
  const auto one = normal(1, 784, 1, 1);
  EXPECT_NEAR(parzen_log_density(one, one, 0.2)[0].item<double>(), 541.352, 1e-3);
}

TEST(Parzen, DoesNotDependOnHowManyPointsAreGivenTogether) {
  const auto points = normal(700, 50, 0.4, 1), samples = normal(400, 50, 0.4, 2);
  const auto together = parzen_log_density(points, samples, 0.2);
  for (const int64_t count : {1, 7, 251}) {
    std::vector<Tensor> parts;
    for (int64_t first = 0; first < 700; first += count)
      parts.push_back(parzen_log_density(points.slice(0, first, first + count), samples, 0.2));
    EXPECT_LT((torch::cat(parts) - together).abs().max().item<double>(), 1e-9) << count;
  }
}

// The seed's way, term by term.
TEST(Parzen, AgreesWithASumOverSamplesFarFromTheOrigin) {
  const auto points = normal(20, 30, 0.3, 1) + 100, samples = normal(40, 30, 0.3, 2) + 100;
  const auto distances = (points.unsqueeze(1) - samples.unsqueeze(0)).square().sum(2);
  const auto expected = (-distances / (2 * 0.04)).logsumexp(1) - std::log(40) + parzen_ceiling(30, 0.2);
  EXPECT_LT((parzen_log_density(points, samples, 0.2) - expected).abs().max().item<double>(), 1e-6);
}

TEST(Parzen, RefusesRowsThatDoNotMatch) {
  EXPECT_NE(error_of([] { parzen_log_density(normal(3, 2, 1, 1), normal(3, 4, 1, 1), 1); }).find("[3,2]"),
            std::string::npos);
  EXPECT_NE(error_of([] { choose_width(normal(3, 2, 1, 1), normal(0, 2, 1, 1)); }).find("[0,2]"), std::string::npos);
}

TEST(StreamingParzen, IsTheSameAsAllSamplesAtOnce) {
  const auto points = normal(30, 8, 0.5, 1), samples = normal(500, 8, 0.5, 2);
  StreamingParzen stream(points, 0.3);
  int64_t first = 0;
  for (const int64_t count : {1, 2, 9, 1, 100, 37, 250, 100}) {
    stream.add(samples.slice(0, first, first + count));
    first += count;
    const auto expected = parzen_log_density(points, samples.slice(0, 0, first), 0.3);
    EXPECT_LT((stream.log_density() - expected).abs().max().item<double>(), 1e-6) << first;
    EXPECT_EQ(stream.mean().standard_error.has_value(), first >= 10) << first;
  }
  EXPECT_EQ(stream.count(), 500);
}

TEST(StreamingParzen, KnowsHowMuchItsValueDependsOnTheSamples) {
  const auto points = normal(100, 4, 1, 1);
  double sum = 0, square = 0, claimed = 0;
  constexpr int kTrials = 60;
  for (uint64_t trial = 0; trial < kTrials; ++trial) {
    StreamingParzen stream(points, 0.5);
    stream.add(normal(400, 4, 1, 100 + trial));
    const auto mean = stream.mean();
    sum += mean.value / kTrials, square += mean.value * mean.value / kTrials;
    claimed += mean.standard_error.value() / kTrials;
  }
  const double real = std::sqrt(square - sum * sum);
  EXPECT_GT(claimed, 0.7 * real);
  EXPECT_LT(claimed, 1.5 * real);
}

TEST(ParzenWidth, IsTheBestOfTheTenOfTheProtocol) {
  const auto points = normal(300, 6, 0.8, 1), samples = normal(300, 6, 0.8, 2);
  const auto width = choose_width(points, samples);
  EXPECT_FALSE(width.widened);
  EXPECT_NEAR(width.first, 0.1, 1e-12);
  EXPECT_NEAR(width.last, 1, 1e-12);
  for (const double sigma : {.1, .1292, .1668, .2154, .2783, .3594, .4642, .5995, .7743, 1.0})
    EXPECT_LE(parzen_score(points, samples, sigma).value, width.mean + 1e-3) << sigma;
  EXPECT_NEAR(parzen_score(points, samples, width.sigma).value, width.mean, 1e-9);
}

TEST(ParzenWidth, WidensTheGridWhereTheBestIsAtItsEdge) {
  const auto narrow = choose_width(normal(300, 1, 0.05, 1), normal(300, 1, 0.05, 2));
  EXPECT_TRUE(narrow.widened);
  EXPECT_LT(narrow.sigma, 0.1);
  EXPECT_GT(narrow.sigma, narrow.first);
  const auto wide = choose_width(normal(100, 3, 40, 1), normal(100, 3, 40, 2));
  EXPECT_TRUE(wide.widened);
  EXPECT_GT(wide.sigma, 1);
  EXPECT_LT(wide.sigma, wide.last);
}

TEST(ParzenFolds, HaveAWidthEachAndTheErrorOfTheirMeans) {
  const auto samples = normal(200, 3, 0.5, 9);
  const std::vector<Tensor> folds{normal(50, 3, 0.5, 1), normal(60, 3, 0.5, 2), normal(70, 3, 0.5, 3)};
  std::vector<double> means;
  for (size_t i = 0; i < 3; ++i) {
    const auto others = torch::cat({folds[(i + 1) % 3], folds[(i + 2) % 3]});
    means.push_back(parzen_score(folds[i], samples, choose_width(others, samples).sigma).value);
  }
  const auto score = parzen_over_folds(folds, samples);
  const double mean = (means[0] + means[1] + means[2]) / 3;
  double square = 0;
  for (const double value : means) square += (value - mean) * (value - mean) / 3;
  EXPECT_NEAR(score.value, mean, 1e-9);
  EXPECT_NEAR(score.standard_error.value(), std::sqrt(square / 3), 1e-9);
  EXPECT_NE(error_of([&] { parzen_over_folds({folds[0]}, samples); }).find("at least 2"), std::string::npos);
}

TEST(KMeans, FindsClustersThatLieApart) {
  std::vector<Tensor> parts;
  for (int64_t c = 0; c < 4; ++c) parts.push_back(normal(50, 2, 0.1, 20 + static_cast<uint64_t>(c)) + 10.0 * c);
  const auto points = torch::cat(parts).to(torch::kFloat32);
  const auto centroids = k_means(points, 12, 10, 1);
  EXPECT_EQ(centroids.sizes(), (std::vector<int64_t>{12, 2}));
  const auto to_nearest = torch::cdist(points, centroids);
  EXPECT_LT(std::get<0>(to_nearest.min(1)).max().item<double>(), 0.5);
  // Each is the mean of its own rows.
  const auto own = to_nearest.argmin(1);
  for (int64_t k = 0; k < 12; ++k) {
    const auto mine = points.index_select(0, own.eq(k).nonzero().flatten());
    if (mine.size(0) == 0) continue;
    EXPECT_LT((mine.mean(0) - centroids[k]).abs().max().item<double>(), 0.05) << k;
  }
}

}  // namespace
}  // namespace duet
