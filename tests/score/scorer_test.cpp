#include "duet/score/scorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "duet/core/error.h"
#include "duet/core/random.h"
#include "duet/data/drawn/toys.h"
#include "duet/data/split.h"
#include "duet/data/tensors.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

TEST(GuessingClassifier, IsToldOf) {
  const FreshFolder folder;
  const auto guessed = [](int64_t count, uint64_t seed) {
    const auto shapes = shapes_dataset(count, seed);
    std::vector<int64_t> labels;
    for (int64_t i = 0; i < count; ++i) labels.push_back(Random(seed, 9, static_cast<uint64_t>(i)).below(3));
    return TensorDataset(shapes.examples(), labels, shapes.info().classes);
  };
  ScorerOptions options;
  options.features.classifier.examples = 640;
  options.features.classifier.batch = 64;
  options.features.cache_folder = folder.path();
  const Scorer scorer(guessed(1'000, 1), guessed(1'000, 2), "shapes", options);
  const auto notes = scorer.score(shapes_dataset(200, 3).examples(), {}, {}, Half::report).notes;
  EXPECT_TRUE(std::any_of(notes.begin(), notes.end(), [](const auto& note) {
    return note.starts_with("the classifier is hardly better than guessing (");
  }));
}

/// Shapes with a classifier; trained once for the suite.
class ShapesScorer : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const FreshFolder folder;
    ScorerOptions options;
    options.features.classifier.examples = 6'000;
    options.features.classifier.batch = 64;
    options.features.cache_folder = folder.path();
    scorer_ = std::make_unique<Scorer>(shapes_dataset(2'000, 1), shapes_dataset(1'000, 2), "shapes", options);
  }
  static void TearDownTestSuite() { scorer_.reset(); }
  static double value(const Report& report, const std::string& name) {
    const auto* metric = report.find(name);
    return metric ? metric->value : std::nan("");
  }
  static inline std::unique_ptr<Scorer> scorer_;
};

TEST_F(ShapesScorer, FindsNewRealPicturesNearTheFloorAndNoiseFarAway) {
  const auto real = scorer_->score(shapes_dataset(500, 3).examples(), {}, {}, Half::report);
  EXPECT_EQ(real.primary.name, "kernel_distance");
  EXPECT_LT(std::abs(real.primary.value), 5 * real.primary.standard_error.value());
  EXPECT_LT(value(real, "frechet"), 2 * value(real, "frechet_floor"));
  EXPECT_EQ(value(real, "modes"), 3);
  EXPECT_LT(value(real, "class_kl"), 0.02);

  auto generator = make_generator(0);
  const auto noise = at::empty({500, 1, 12, 12}, torch::kUInt8).random_(0, 256, generator);
  const auto poor = scorer_->score(noise, {}, {}, Half::report);
  EXPECT_GT(value(poor, "frechet"), 20 * value(poor, "frechet_floor"));
  EXPECT_GT(poor.primary.value, 20 * poor.primary.standard_error.value());
}

TEST_F(ShapesScorer, ShowsADroppedClass) {
  const auto set = shapes_dataset(900, 3);
  const auto kept = set.examples().index_select(0, torch::tensor(set.labels()).ne(2).nonzero().flatten());
  const auto report = scorer_->score(kept, {}, {}, Half::report);
  EXPECT_EQ(value(report, "modes"), 2);
  EXPECT_LT(report.class_share.at(2), 0.05);
  EXPECT_GT(value(report, "class_kl"), 0.3);
  EXPECT_GT(report.primary.value, 4 * report.primary.standard_error.value());
  EXPECT_EQ(report.classes.at(2), "square");
}

TEST_F(ShapesScorer, MeasuresAgreementWithRequestedLabels) {
  const auto set = shapes_dataset(300, 4);
  auto labels = torch::tensor(set.labels());
  EXPECT_GT(value(scorer_->score(set.examples(), {}, labels, Half::decide), "agreement"), 0.95);
  const auto report = scorer_->score(set.examples(), {}, (labels + 1).remainder(3), Half::decide);
  EXPECT_LT(value(report, "agreement"), 0.05);
  EXPECT_EQ(scorer_->score(set.examples(), {}, {}, Half::decide).find("agreement"), nullptr);
}

TEST_F(ShapesScorer, GivesFloatsAndTheirBytesTheSameScore) {
  const auto bytes = shapes_dataset(200, 5).examples();
  const auto a = scorer_->score(bytes, {}, {}, Half::decide);
  const auto b = scorer_->score(to_values(bytes, {0, 1}), {0, 1}, {}, Half::decide);
  EXPECT_EQ(to_json(a), to_json(b));
}

TEST_F(ShapesScorer, HoldsAFewPicturesAgainstTheFloorOfAsMany) {
  const auto few = scorer_->score(shapes_dataset(60, 6).examples(), {}, {}, Half::report);
  const auto many = scorer_->score(shapes_dataset(500, 6).examples(), {}, {}, Half::report);
  EXPECT_GT(value(few, "frechet_floor"), 3 * value(many, "frechet_floor"));
  EXPECT_GT(value(few, "frechet_train"), 3 * value(many, "frechet_train"));
  EXPECT_GT(value(few, "frechet"), 0.5 * value(few, "frechet_floor"));
  EXPECT_LT(value(few, "frechet"), 2 * value(few, "frechet_floor"));
  EXPECT_EQ(few.find("frechet_floor")->note, "of 60 held-out examples of the other half");
  EXPECT_EQ(few.find("frechet_train")->note, "of 60 training examples");
}

TEST_F(ShapesScorer, SaysWhereTheFloorIsOfFewerThanTheSamples) {
  const auto whole = scorer_->score(shapes_dataset(500, 6).examples(), {}, {}, Half::report);
  const auto more = scorer_->score(shapes_dataset(800, 6).examples(), {}, {}, Half::report);
  EXPECT_EQ(value(more, "frechet_floor"), value(whole, "frechet_floor"));
  EXPECT_EQ(more.find("frechet_floor")->note,
            "of 500 held-out examples of the other half; there are no more, and 800 would score lower");
}

TEST_F(ShapesScorer, NotesThatSamplesAreFew) {
  EXPECT_TRUE(scorer_->score(shapes_dataset(kFewScored, 6).examples(), {}, {}, Half::report).notes.empty());
  const auto report = scorer_->score(shapes_dataset(kFewScored - 1, 6).examples(), {}, {}, Half::report);
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_EQ(report.notes[0],
            fmt::format("499 samples are few; frechet is biased upwards by about {:.2g} (what perfect samples would "
                        "score); kernel_distance is unbiased, but its error is large (+- {:.2g}); score 5,000 or more",
                        value(report, "frechet_floor"), *report.primary.standard_error));
}

TEST_F(ShapesScorer, SaysItsProtocol) {
  const auto report = scorer_->score(shapes_dataset(200, 5).examples(), {}, {}, Half::report);
  const auto& protocol = report.protocol;
  for (const auto& note : report.notes) EXPECT_EQ(note.find("guessing"), std::string::npos) << note;
  for (const auto* part : {"classifier of 3 classes", "200 samples", "reporting half", "500 examples", "seed 0"})
    EXPECT_NE(protocol.find(part), std::string::npos) << protocol;
}

TEST(Scorer, DecidesAndReportsOnDisjointHalves) {
  const auto train = shapes_dataset(1'200, 1, false), held_out = shapes_dataset(2 * kFewScored, 2, false);
  ScorerOptions options;
  options.features.kind = "raw";
  const Scorer scorer(train, held_out, "shapes", options);
  // Every held-out picture is in exactly one half: the distances of all of them to either half are equal and opposite
  // shares of a whole, so both must be far below the distance between the halves.
  const auto decide = scorer.score(held_out.examples(), {}, {}, Half::decide);
  const auto report = scorer.score(held_out.examples(), {}, {}, Half::report);
  const double floor = decide.find("frechet_floor")->value;
  EXPECT_GT(floor, 0);
  EXPECT_LT(decide.find("frechet")->value, 0.5 * floor);
  EXPECT_LT(report.find("frechet")->value, 0.5 * floor);
  EXPECT_NE(decide.find("frechet")->value, report.find("frechet")->value);
}

TEST(Scorer, ScoresUnlabelledPicturesThroughTheRandomNetwork) {
  const Scorer scorer(shapes_dataset(1'000, 1, false), shapes_dataset(800, 2, false), "shapes", {});
  const auto real = scorer.score(shapes_dataset(400, 3).examples(), {}, {}, Half::report);
  EXPECT_LT(std::abs(real.primary.value), 5 * real.primary.standard_error.value());
  const auto set = shapes_dataset(900, 3);
  const auto kept = set.examples().index_select(0, torch::tensor(set.labels()).ne(2).nonzero().flatten());
  const auto dropped = scorer.score(kept, {}, {}, Half::report);
  EXPECT_GT(dropped.primary.value, 4 * dropped.primary.standard_error.value());
  EXPECT_TRUE(dropped.classes.empty());
}

/// The ring toy as float32 vectors [n,2,1,1]: the first `modes` modes in turn.
TensorDataset ring(int64_t n, int64_t modes, uint64_t seed) {
  const auto truth = modes_of("ring").value();
  auto generator = make_generator(seed);
  auto points = at::empty({n, 2, 1, 1}, torch::kFloat32).normal_(0, truth.sigma, generator);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t d = 0; d < 2; ++d)
      points[i][d][0][0] += truth.centres[static_cast<size_t>(i % modes)][static_cast<size_t>(d)];
  return {points, {}, {}};
}

TEST(Scorer, CountsTheModesOfAKnownToy) {
  const Scorer scorer(ring(2'000, 8, 1), ring(2'000, 8, 2), "ring", {});
  EXPECT_EQ(scorer.primary(), "mode_divergence");
  const auto good = scorer.score(ring(2'560, 8, 3).examples(), {}, {}, Half::report);
  EXPECT_EQ(good.find("modes")->value, 8);
  EXPECT_LT(good.primary.value, 0.01);
  EXPECT_LT(std::abs(good.find("energy_distance")->value), 0.01);
  const auto collapsed = scorer.score(ring(2'560, 3, 3).examples(), {}, {}, Half::report);
  EXPECT_EQ(collapsed.find("modes")->value, 3);
  EXPECT_NEAR(collapsed.primary.value, std::log(8.0 / 3), 0.02);
  EXPECT_GT(collapsed.find("energy_distance")->value, 0.1);
}

TEST(Scorer, RefusesTooFewExamplesAndTooFewSamples) {
  EXPECT_THROW(Scorer(ring(19, 8, 1), ring(19, 8, 2), "ring", {}), Error);
  const Scorer scorer(ring(100, 8, 1), ring(40, 8, 2), "ring", {});
  EXPECT_EQ(error_of([&] { scorer.score(ring(19, 8, 3).examples(), {}, {}, Half::report); }),
            "samples: 19 found; scores need at least 20, and 5,000 or more to be reliable");
  const auto report = scorer.score(ring(20, 8, 3).examples(), {}, {}, Half::report);
  ASSERT_EQ(report.notes.size(), 2u) << "one of few samples, one of few examples to compare with";
  EXPECT_NE(report.notes[0].find("energy_distance is unbiased, but its error is large (unknown)"), std::string::npos)
      << report.notes[0];
}

TEST(Scorer, TellsItsPhases) {
  std::vector<std::string> phases;
  ScorerOptions options;
  options.phase = [&](const std::string& what) { phases.push_back(what); };
  const Scorer scorer(ring(100, 8, 1), ring(40, 8, 2), "ring", options);
  EXPECT_EQ(phases, (std::vector<std::string>{"computing features of real examples",
                                              "comparing real examples with each other"}));
}

TEST(Scorer, NamesTheModesAsTheDataDo) {
  const auto source = open_source("ring", {});
  const auto split = split_source(source, {});
  const Scorer scorer(*split.train, *split.held_out, "ring", {});
  const auto report = scorer.score(ring(80, 8, 3).examples(), {}, {}, Half::report);
  EXPECT_EQ(report.classes, source.train->info().classes);
  EXPECT_EQ(report.class_share.size(), 8u);
}

}  // namespace
}  // namespace duet
