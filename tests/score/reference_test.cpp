// References: halves of the held-out data, training data if these are too few, or all of it.
#include "duet/score/reference.h"

#include <gtest/gtest.h>

#include <cmath>

#include "duet/core/error.h"
#include "duet/data/split.h"
#include "duet/score/scorer.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

/// `count` unlabelled pictures of shapes, drawn with `seed`.
TensorDataset shapes(int64_t count, uint64_t seed) { return shapes_dataset(count, seed, /*labelled=*/false); }

ScorerOptions raw(bool all_data = false) {
  ScorerOptions options;
  options.features.kind = "raw";
  options.all_data = all_data;
  return options;
}

double value(const Report& report, const std::string& name) {
  const auto* metric = report.find(name);
  return metric ? metric->value : std::nan("");
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Reference, IsAHalfOfTheHeldOutDataFromFiveHundredInEachOn) {
  const Scorer scorer(shapes(2'000, 1), shapes(2 * kFewScored, 2), "shapes", raw());
  for (const auto half : {Half::decide, Half::report}) {
    EXPECT_EQ(scorer.note(half), "");
    const auto report = scorer.score(shapes(kFewScored, 3).examples(), {}, {}, half);
    EXPECT_TRUE(has(report.protocol, half == Half::decide ? "the deciding half of held-out data (500 examples"
                                                          : "the reporting half of held-out data (500 examples"))
        << report.protocol;
    EXPECT_TRUE(report.notes.empty()) << report.notes[0];
  }
}

TEST(Reference, IsTrainingDataToDecideByWhereFewAreHeldOut) {
  const auto train = shapes(900, 1), held_out = shapes(2 * kFewScored - 2, 2);
  const Scorer scorer(train, held_out, "shapes", raw());
  EXPECT_TRUE(scorer.note(Half::decide)
                  .starts_with("998 held-out examples are too few to decide with (a half of them has 499, and 500 are "
                               "needed): samples are compared with training data"))
      << scorer.note(Half::decide);
  // The distance to the training data is 0, and to the held-out data it is not.
  const auto itself = scorer.score(train.examples(), {}, {}, Half::decide);
  EXPECT_TRUE(has(itself.protocol, "900 samples against training data (900 examples)")) << itself.protocol;
  EXPECT_LT(value(itself, "frechet"), 1e-6);
  EXPECT_LT(itself.primary.value, 0);
  ASSERT_EQ(itself.notes.size(), 1u);
  EXPECT_EQ(itself.notes[0], scorer.note(Half::decide));
  const auto other = scorer.score(held_out.examples(), {}, {}, Half::decide);
  EXPECT_NEAR(value(other, "frechet"), value(itself, "frechet_floor"), 0.1 * value(other, "frechet"));
  EXPECT_EQ(itself.find("frechet_floor")->note, "of 900 held-out examples");
  EXPECT_EQ(itself.find("frechet_train")->note,
            "of 450 training examples against the other half of them; there are no more, and 900 would score lower");
  EXPECT_EQ(itself.find("kernel_distance_floor")->note, "held-out examples against training data");
  // Reports use the reporting half and note that it is small.
  const auto report = scorer.score(train.examples(), {}, {}, Half::report);
  EXPECT_TRUE(has(report.protocol, "the reporting half of held-out data (499 examples")) << report.protocol;
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_EQ(report.notes[0],
            fmt::format("499 held-out examples are few to compare with; frechet and its floor are biased upwards, each "
                        "differently; kernel_distance is unbiased, but its error is large (+- {:.2g}); hold out more "
                        "of the data (data.held_out), or compare with all of them (--all)",
                        *report.primary.standard_error));
}

/// No picture of the reporting half may influence which checkpoint is best.
TEST(Reference, OfTheTrainingLoopIsTheSameWhateverIsInTheReportingHalf) {
  const auto train = shapes(600, 1), samples = shapes(kFewScored, 3);
  const auto held_out = shapes(1'100, 2);
  const auto changed = held_out.examples().clone();
  const Scorer before(train, held_out, "shapes", raw());
  const auto first = before.score(samples.examples(), {}, {}, Half::decide);
  const auto reported = before.score(samples.examples(), {}, {}, Half::report);
  for (const int64_t begin : {0, 275, 550, 825}) {
    changed.copy_(held_out.examples());
    changed.narrow(0, begin, 1).fill_(255);
    const Scorer after(train, TensorDataset(changed, {}, {}), "shapes", raw());
    const bool decides = value(after.score(samples.examples(), {}, {}, Half::decide), "kernel_distance") !=
                         value(first, "kernel_distance");
    const bool reports = value(after.score(samples.examples(), {}, {}, Half::report), "kernel_distance") !=
                         value(reported, "kernel_distance");
    EXPECT_NE(decides, reports) << "picture " << begin << " is in one half";
  }
}

TEST(Reference, IsTrainingDataForReportsTooWhereAlmostNoneAreHeldOut) {
  const auto train = shapes(80, 1);
  for (const int64_t count : {1, 3, 2 * 19}) {
    const Scorer scorer(train, shapes(count, 2), "shapes", raw());
    const auto report = scorer.score(shapes(60, 3).examples(), {}, {}, Half::report);
    EXPECT_TRUE(has(report.protocol, "against training data (80 examples)")) << report.protocol;
    ASSERT_EQ(report.notes.size(), 3u);
    EXPECT_TRUE(report.notes[0].starts_with(
        fmt::format("{} held-out example{} too few to report on (a half of them has {}, and 20 are needed)", count,
                    count == 1 ? " is" : "s are", count / 2)))
        << report.notes[0];
    EXPECT_TRUE(report.notes[1].starts_with("60 samples are few")) << report.notes[1];
    EXPECT_TRUE(report.notes[2].starts_with("80 training examples are few to compare with")) << report.notes[2];
    EXPECT_EQ(
        report.find("frechet_floor")->note,
        count < kLeastScored
            ? "of 40 training examples against the other half of them; there are no more, and 60 would score lower"
            : "of 38 held-out examples; there are no more, and 60 would score lower");
  }
  const Scorer scorer(shapes(80, 1), shapes(40, 2), "shapes", raw());
  EXPECT_TRUE(has(scorer.score(shapes(60, 3).examples(), {}, {}, Half::report).protocol, "reporting half"));
}

TEST(Reference, IsTrainingDataWhereNothingIsHeldOut) {
  const Scorer scorer(shapes(600, 1), nullptr, "shapes", raw());
  EXPECT_TRUE(scorer.note(Half::decide).starts_with("no examples are held out: ")) << scorer.note(Half::decide);
  const auto report = scorer.score(shapes(600, 3).examples(), {}, {}, Half::decide);
  for (const auto* name : {"kernel_distance", "kernel_distance_floor", "frechet", "frechet_floor", "frechet_train",
                           "diversity", "diversity_floor"})
    EXPECT_NE(report.find(name), nullptr) << name;
  EXPECT_LT(std::abs(value(report, "kernel_distance")), 5 * *report.primary.standard_error);
  EXPECT_NEAR(value(report, "diversity"), 1, 0.05);
  EXPECT_NEAR(value(report, "diversity_floor"), 1, 0.05);
}

TEST(Reference, StaysTheHeldOutPartWhereTrainingDataAreFewer) {
  const Scorer scorer(shapes(10, 1), shapes(100, 2), "shapes", raw());
  EXPECT_EQ(scorer.note(Half::decide), "");
  EXPECT_TRUE(has(scorer.score(shapes(60, 3).examples(), {}, {}, Half::decide).protocol, "deciding half"));
}

TEST(Reference, NeedsTwentyExamplesOfEitherKind) {
  EXPECT_EQ(error_of([] { Scorer(shapes(19, 1), shapes(39, 2), "shapes", raw()); }),
            "in memory: 19 examples to train on and 39 held out; scores need at least 20: take more of them");
  EXPECT_NO_THROW(Scorer(shapes(20, 1), shapes(1, 2), "shapes", raw()));
  EXPECT_NO_THROW(Scorer(shapes(19, 1), shapes(40, 2), "shapes", raw()));
  EXPECT_TRUE(enough_to_score(20, 0) && enough_to_score(0, 40) && !enough_to_score(19, 39));
}

TEST(Reference, OfAllTheDataHasEveryExampleSoThatASetIsAtNoDistanceFromItself) {
  const auto whole = shapes(700, 1);
  const TensorDataset train(whole.examples().narrow(0, 0, 630).clone(), {}, {}),
      held_out(whole.examples().narrow(0, 630, 70).clone(), {}, {});
  const Scorer scorer(train, held_out, "shapes", raw(true));
  const auto itself = scorer.score(whole.examples(), {}, {}, Half::report);
  EXPECT_TRUE(has(itself.protocol, "700 samples against all of the data (700 examples)")) << itself.protocol;
  EXPECT_LT(value(itself, "frechet"), 1e-6);
  EXPECT_LT(itself.primary.value, 0);
  EXPECT_NEAR(value(itself, "diversity"), 1, 1e-9);
  ASSERT_EQ(itself.notes.size(), 1u);
  EXPECT_TRUE(itself.notes[0].starts_with("samples are compared with all of the data")) << itself.notes[0];
  const auto others = scorer.score(shapes(700, 3).examples(), {}, {}, Half::report);
  EXPECT_GT(value(others, "frechet"), 1);
  EXPECT_NO_THROW(Scorer(shapes(19, 1), shapes(1, 2), "shapes", raw(true)));
  EXPECT_THROW(Scorer(shapes(18, 1), shapes(1, 2), "shapes", raw(true)), Error);
}

TEST(Reference, OfAllOfAnEndlessSetIsWhatIsHeldOut) {
  const auto source = open_source("ring", {});
  const auto split = split_source(source, {.held_out = 400});
  const Scorer scorer(*split.train, split.held_out.get(), "ring", raw(true));
  auto generator = make_generator(1);
  const auto points = at::empty({600, 2, 1, 1}, torch::kFloat32).normal_(0, 1, generator);
  EXPECT_TRUE(has(scorer.score(points, {}, {}, Half::report).protocol, "all of the data (400 examples)"));
}

/// Shapes with a classifier; trained once for the suite.
class ShapesDiversity : public ::testing::Test {
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
  static inline std::unique_ptr<Scorer> scorer_;
};

TEST_F(ShapesDiversity, OfNewRealPicturesIsOneByRequestAndByWhatIsSeen) {
  const auto set = shapes_dataset(900, 3);
  for (const auto& labels : {Tensor(), torch::tensor(set.labels())}) {
    const auto report = scorer_->score(set.examples(), {}, labels, Half::report);
    EXPECT_NEAR(value(report, "diversity"), 1, 5 * *report.find("diversity")->standard_error);
    EXPECT_NEAR(value(report, "diversity_floor"), 1, 5 * *report.find("diversity_floor")->standard_error);
    EXPECT_GT(value(report, "diversity_worst"), 0.8);
  }
}

TEST_F(ShapesDiversity, ShowsWhatAgreementCannotSee) {
  // One picture of each class, 300 times: every sample is classified as requested.
  const auto set = shapes_dataset(50, 5);
  const auto labels = torch::tensor(set.labels());
  std::vector<Tensor> copies;
  for (const int64_t c : {0, 1, 2}) {
    const auto first = labels.eq(c).nonzero().flatten()[0].item<int64_t>();
    copies.push_back(set.examples().narrow(0, first, 1).repeat({300, 1, 1, 1}));
  }
  const auto asked = torch::arange(3).repeat_interleave(300);
  const auto collapsed = scorer_->score(at::cat(copies), {}, asked, Half::report);
  EXPECT_GT(value(collapsed, "agreement"), 0.95);
  EXPECT_EQ(value(collapsed, "modes"), 3);
  EXPECT_LT(value(collapsed, "diversity"), 0.01);
  // A single class.
  copies[0] = shapes_dataset(2'000, 6).examples().index_select(
      0, torch::tensor(shapes_dataset(2'000, 6).labels()).eq(0).nonzero().flatten().narrow(0, 0, 300));
  copies[1] = shapes_dataset(2'000, 6).examples().index_select(
      0, torch::tensor(shapes_dataset(2'000, 6).labels()).eq(1).nonzero().flatten().narrow(0, 0, 300));
  const auto one = scorer_->score(at::cat(copies), {}, asked, Half::report);
  EXPECT_NEAR(value(one, "diversity"), 2.0 / 3, 0.06);
  EXPECT_LT(value(one, "diversity_worst"), 0.01);
  EXPECT_EQ(one.find("diversity_worst")->note, "the same for class square");
}

TEST(Reference, TakesClassesTogetherWhereEachHasTooFewSamplesForItsDiversity) {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 200; ++i) labels.push_back(i % 10);
  const TensorDataset train(shapes(200, 1).examples(), labels, {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"});
  ScorerOptions options;
  options.features.kind = "random";
  const Scorer scorer(train, nullptr, "shapes", options);
  const auto asked = torch::arange(20).remainder(10);
  const auto few = scorer.score(shapes(20, 3).examples(), {}, asked, Half::report);
  EXPECT_NEAR(value(few, "diversity"), 1, 5 * *few.find("diversity")->standard_error);
  EXPECT_NEAR(value(few, "diversity_floor"), 1, 0.1);
  EXPECT_EQ(few.find("diversity_worst"), nullptr);
  const auto enough = scorer.score(shapes(50, 3).examples(), {}, torch::arange(50).remainder(10), Half::report);
  EXPECT_NE(enough.find("diversity_worst"), nullptr);
}

}  // namespace
}  // namespace duet
