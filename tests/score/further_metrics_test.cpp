#include "duet/score/further_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "duet/core/error.h"
#include "duet/data/tensors.h"
#include "duet/score/halves.h"
#include "duet/score/parzen.h"
#include "duet/score/reference.h"
#include "tests/data/damage.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

std::shared_ptr<const TensorDataset> shapes(int64_t count, uint64_t seed, bool labelled = true) {
  return std::make_shared<TensorDataset>(shapes_dataset(count, seed, labelled));
}

FurtherInput input_of(Split split, const TensorDataset& samples) {
  return {std::move(split),
          plain_rows(samples.examples()),
          samples.labels().empty() ? Tensor() : torch::tensor(samples.labels()),
          {}};
}

double value(const Report& report, const std::string& name) {
  const auto* metric = report.find(name);
  return metric ? metric->value : std::nan("");
}

TEST(ParzenMetric, ChoosesOnHeldOutExamplesAndScoresTheTestPart) {
  const auto train = shapes(900, 1), held_out = shapes(1'200, 2), test = shapes(500, 3), samples = shapes(300, 4);
  Report report;
  add_parzen(report, input_of({train, held_out, test}, *samples), {});
  const auto rows = plain_rows(samples->examples());
  const auto choosing = plain_rows(held_out->examples().slice(0, 0, 1'000));
  const auto width = choose_width(choosing, rows);
  const auto score = parzen_score(plain_rows(test->examples()), rows, width.sigma);
  EXPECT_DOUBLE_EQ(value(report, "parzen"), score.value);
  EXPECT_DOUBLE_EQ(report.find("parzen")->standard_error.value(), score.standard_error.value());
  EXPECT_DOUBLE_EQ(value(report, "parzen_sigma"), width.sigma);
  EXPECT_DOUBLE_EQ(value(report, "parzen_ceiling"), parzen_ceiling(144, width.sigma));
  EXPECT_NE(report.find("parzen_sigma")->note.find("1,000 held-out examples"), std::string::npos);
  EXPECT_NE(report.find("parzen")->note.find("500 examples of the test part"), std::string::npos);
  // Training examples are perfect samples, and as many.
  EXPECT_NEAR(value(report, "parzen_train"), score.value, 6 * score.standard_error.value());
  EXPECT_GT(value(report, "parzen_centroids"), value(report, "parzen_train")) << "of all 900";
}

TEST(ParzenMetric, UsesTheHalvesOfHeldOutDataWithoutATestPart) {
  const auto train = shapes(300, 1), held_out = shapes(400, 2), samples = shapes(200, 4);
  Report report;
  add_parzen(report, input_of({train, held_out}, *samples), {});
  const auto halves = halves_of(*held_out, 10'000, 0);
  const auto rows = plain_rows(samples->examples());
  const auto width = choose_width(plain_rows(*held_out, halves[0]), rows);
  EXPECT_DOUBLE_EQ(value(report, "parzen"), parzen_score(plain_rows(*held_out, halves[1]), rows, width.sigma).value);
  EXPECT_NE(error_of([&] { add_parzen(report, input_of({train, nullptr}, *samples), {}); }).find("40 or more held-out"),
            std::string::npos);
}

TEST(ParzenMetric, ScoresEachExampleUnderTheSamplesOfItsClass) {
  const auto train = shapes(300, 1), held_out = shapes(400, 2), test = shapes(300, 3), samples = shapes(300, 4);
  const auto input = input_of({train, held_out, test}, *samples);
  Report report;
  add_parzen(report, input, {});
  EXPECT_GT(value(report, "parzen_by_class"), value(report, "parzen"));
  // Samples under the wrong names explain nothing.
  auto wrong = input;
  wrong.labels = (input.labels + 1).remainder(3);
  Report other;
  add_parzen(other, wrong, {});
  EXPECT_LT(value(other, "parzen_by_class"), value(report, "parzen_by_class") - 5);
  EXPECT_DOUBLE_EQ(value(other, "parzen"), value(report, "parzen"));
  wrong.labels = Tensor();
  Report without;
  add_parzen(without, wrong, {});
  EXPECT_EQ(without.find("parzen_by_class"), nullptr);
}

TEST(ParzenMetric, MakesMoreSamplesUntilTheirErrorIsSmallEnough) {
  const auto train = shapes(300, 1), held_out = shapes(400, 2), samples = shapes(100, 4);
  std::vector<int64_t> asked;
  ParzenOptions options;
  options.more = [&](int64_t first, int64_t count) {
    asked.push_back(first);
    return plain_rows(shapes_dataset(count, 100 + static_cast<uint64_t>(first)).examples());
  };
  options.error = 1e9;
  Report report;
  add_parzen(report, input_of({train, held_out}, *samples), options);
  EXPECT_TRUE(asked.empty());
  const double first = report.find("parzen_streamed")->standard_error.value();
  options.error = first / 2;
  Report longer;
  add_parzen(longer, input_of({train, held_out}, *samples), options);
  EXPECT_LE(longer.find("parzen_streamed")->standard_error.value(), first / 2);
  ASSERT_FALSE(asked.empty());
  for (size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(asked[i], 100 * (static_cast<int64_t>(i) + 1));
  asked.clear();
  options.error = 1e-12;
  Report most;
  add_parzen(most, input_of({train, held_out}, *samples), options);
  EXPECT_EQ(asked.size(), 29u);
}

TEST(ParzenMetric, ReportsFolds) {
  const auto train = shapes(300, 1), held_out = shapes(400, 2), samples = shapes(100, 4);
  Report report;
  add_parzen(report, input_of({train, held_out}, *samples), {.folds = 4, .more = {}, .error = 0});
  EXPECT_NEAR(value(report, "parzen_folds"), value(report, "parzen"), 5);
  EXPECT_GT(report.find("parzen_folds")->standard_error.value(), 0);
  EXPECT_NE(
      error_of(
          [&] { add_parzen(report, input_of({train, held_out}, *samples), {.folds = 90, .more = {}, .error = 0}); },
          Fault::usage)
          .find("--folds 90"),
      std::string::npos);
}

TEST(NearestMetric, FindsCopiesAndNamesThem) {
  const auto train = shapes(600, 1), held_out = shapes(300, 2);
  auto samples = shapes_dataset(100, 3);
  for (int64_t i = 0; i < 20; ++i) samples.examples()[5 * i].copy_(train->examples()[7 * i]);
  Report report;
  const auto found = add_nearest(report, input_of({train, held_out}, samples));
  EXPECT_NEAR(value(report, "copies"), 0.2, 1e-12);
  EXPECT_GE(value(report, "near_copies"), 0.2);
  EXPECT_NEAR(value(report, "train_distance"), 0.8, 0.02);
  EXPECT_EQ(found.index[5].item<int64_t>(), 7);
  ASSERT_EQ(report.notes.size(), 2u);
  EXPECT_TRUE(report.notes[0].starts_with("20 of 100 samples are copies of training examples: number 0, 5, 10, 15"))
      << report.notes[0];
  EXPECT_NE(report.notes[1].find("may be memorising"), std::string::npos);
}

TEST(NearestMetric, FindsNothingInNewExamples) {
  Report report;
  add_nearest(report, input_of({shapes(600, 1), shapes(300, 2)}, shapes_dataset(400, 3)));
  EXPECT_EQ(value(report, "copies"), 0);
  EXPECT_LT(value(report, "near_copies"), 0.04);
  EXPECT_NEAR(value(report, "train_distance"), 1, 0.02);
  EXPECT_TRUE(report.notes.empty());
  EXPECT_NE(error_of([&] {
              add_nearest(report, input_of({shapes(600, 1), nullptr}, shapes_dataset(40, 3)));
            }).find("nearest needs held-out examples"),
            std::string::npos);
}

}  // namespace
}  // namespace duet
