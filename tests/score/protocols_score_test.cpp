// What is scored besides a half of the held-out data: an official test part, and sets whose channels are examples.
#include <gtest/gtest.h>

#include <cmath>

#include "duet/data/split.h"
#include "duet/data/stacked.h"
#include "duet/data/tensors.h"
#include "duet/score/scorer.h"
#include "tests/data/fresh_folder.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

TensorDataset shapes(int64_t count, uint64_t seed) { return shapes_dataset(count, seed, /*labelled=*/false); }

double value(const Report& report, const std::string& name) {
  const auto* metric = report.find(name);
  return metric ? metric->value : std::nan("");
}

TEST(TestPart, IsReportedOnAndNeverDecidesAnything) {
  const auto train = shapes(1'500, 1), held_out = shapes(1'000, 2), test = shapes(700, 3);
  const auto samples = shapes(600, 4).examples();
  ScorerOptions options;
  options.features.kind = "raw";
  const Scorer without(train, held_out, "shapes", options);
  options.test = &test;
  const Scorer with(train, held_out, "shapes", options);
  EXPECT_EQ(to_json(with.score(samples, {}, {}, Half::decide)), to_json(without.score(samples, {}, {}, Half::decide)));
  const auto report = with.score(samples, {}, {}, Half::report);
  EXPECT_NE(report.protocol.find("600 samples against the official test part (700 examples)"), std::string::npos)
      << report.protocol;
  const auto itself = with.score(test.examples(), {}, {}, Half::report);
  EXPECT_LT(value(itself, "frechet"), 1e-6);
  EXPECT_GT(value(itself, "frechet_floor"), 0.01) << "of held-out examples";
  EXPECT_NE(report.find("frechet_floor")->note.find("held-out examples"), std::string::npos);
  const Scorer nothing_held_out(train, nullptr, "shapes", options);
  EXPECT_LT(value(nothing_held_out.score(test.examples(), {}, {}, Half::report), "frechet"), 1e-6);
  EXPECT_NE(nothing_held_out.note(Half::decide), "");
}

TEST(Duplicates, AreCountedAndNoted) {
  ScorerOptions options;
  options.features.kind = "raw";
  const Scorer scorer(shapes(1'500, 1), shapes(1'000, 2), "shapes", options);
  const auto fresh = shapes(600, 4).examples();
  const auto real = scorer.score(fresh, {}, {}, Half::report);
  EXPECT_LT(value(real, "duplicates"), 0.04);
  EXPECT_TRUE(real.notes.empty());
  // One texture, nearly the same each time, in a third of the places.
  auto collapsed = fresh.clone();
  auto generator = make_generator(1);
  for (int64_t i = 0; i < 600; i += 3)
    collapsed[i] =
        (fresh[0].to(torch::kFloat32) + torch::randn(fresh[0].sizes(), generator)).clamp(0, 255).to(torch::kUInt8);
  const auto report = scorer.score(collapsed, {}, {}, Half::report);
  EXPECT_NEAR(value(report, "duplicates"), 1.0 / 3, 0.03);
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_NE(report.notes[0].find("near-duplicates of another"), std::string::npos);
}

TEST(StackedScore, JudgesEachChannelAndCountsTheModesThatTheyForm) {
  const FreshFolder folder;
  const auto of = [](uint64_t seed) { return std::make_shared<TensorDataset>(shapes_dataset(2'000, seed)); };
  const auto set = stacked_source({of(1), of(2)}, 3);
  ScorerOptions options;
  options.features.classifier.examples = 6'000;
  options.features.classifier.batch = 64;
  options.features.cache_folder = folder.path();
  const Scorer scorer(*set.train, *set.test, "stacked", options);
  const auto fresh = stacked_source({of(9), nullptr}, 3).train;
  const auto pictures = read_examples(*fresh, 0, 600), labels = read_labels(*fresh, 0, 600);
  const auto report = scorer.score(pictures, {}, labels, Half::report);
  EXPECT_EQ(value(report, "modes"), 27);
  EXPECT_GT(value(report, "agreement"), 0.85);
  EXPECT_LT(value(report, "class_kl"), 0.1);
  EXPECT_LT(value(report, "frechet"), 2 * value(report, "frechet_floor"));
  EXPECT_EQ(report.classes.at(5), "row-column-square");
  EXPECT_NE(report.protocol.find("classifier of 3 classes of each channel"), std::string::npos) << report.protocol;
  EXPECT_NE(report.protocol.find("384 features"), std::string::npos);
  // Half of the modes are missing.
  const auto kept = labels.lt(13).nonzero().flatten();
  const auto half = scorer.score(pictures.index_select(0, kept), {}, {}, Half::report);
  EXPECT_NEAR(value(half, "modes"), 13, 6) << "and a few that are classified wrongly";
  EXPECT_GT(value(half, "class_kl"), 0.4);
}

}  // namespace
}  // namespace duet
