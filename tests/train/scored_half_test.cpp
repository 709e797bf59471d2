// Which data a training's scores use, recomputed from its checkpoints, and what it takes from its data.
#include "duet/data/tensors.h"
#include "duet/score/scorer.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

constexpr int64_t kSamples = 200;

/// The distance of a checkpoint's samples from one half of the held-out points, as another program would find it.
double distance(const Scorer& scorer, const std::filesystem::path& run, const std::string& checkpoint, Half half) {
  const auto sampler = Sampler::open(run, checkpoint);
  const auto values = sampler.sample_values({.count = kSamples, .seed = sampler.recipe().seed + 1});
  const auto report = scorer.score(values.view({-1, 2, 1, 1}), sampler.range(), {}, half);
  return report.find("energy_distance")->value;
}

TEST(Loop, ScoresTheGeneratorOfTheMomentAgainstTheDecidingHalf) {
  // No sheet is due at the first three scores, so scoring must load the generator itself.
  const auto recipe = tiny(kTinyRing, {"score.every=0.4", fmt::format("score.samples={}", kSamples), "keep=100",
                                       "player.generator.lr=0.05"});
  const FreshFolder folder;
  const auto data = open_training_data(recipe);
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  std::vector<double> told;
  LoopHooks hooks;
  hooks.scored = [&](const Report& report, bool) { told.push_back(report.find("energy_distance")->value); };
  train(run, recipe, data, hooks);
  ASSERT_EQ(told.size(), 4u);
  const Scorer scorer(*data.split.train, *data.split.held_out, recipe.data.spec, {});
  const char* checkpoints[] = {"000000400", "000000800", "000001200", "000001600"};
  for (size_t i = 0; i < told.size(); ++i) {
    EXPECT_NEAR(told[i], distance(scorer, run.path(), checkpoints[i], Half::decide), 1e-9) << checkpoints[i];
    EXPECT_GT(std::abs(told[i] - distance(scorer, run.path(), checkpoints[i], Half::report)), 1e-6)
        << "the halves must differ for a comparison";
  }
  double least = INFINITY;
  for (const auto& event : run.events()) {
    if (event.at("event") != "score") continue;
    const double primary = event.at("metrics").at(event.at("primary").get<std::string>()).at("value");
    EXPECT_EQ(event.at("best").get<bool>(), primary < least) << event.at("images");
    least = std::min(least, primary);
  }
}

TEST(Loop, BeginsWithTheMeanOfTheDataInTheirRange) {
  const auto recipe = tiny(
      kTinyDigits, {"data.range='0..1'", "data.limit=200", "data.held_out=0", "kimg=0.008", "player.generator.lr=0",
                    "network.generator={kind = 'layers', label = 'concat', output_bias = 'marginals', layers = "
                    "['dense(784)', 'reshape(1, 28, 28)', 'sigmoid']}"});
  const FreshFolder folder;
  const auto data = open_training_data(recipe);
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  train(run, recipe, data, {});
  const auto stored = read_examples(*data.split.train, 0, 200).to(torch::kFloat32).flatten(1);
  const auto mean = (stored / 255).mean(0).clamp(1e-3, 1 - 1e-3);
  const auto bias = run.checkpoint("last").at("generator/01.dense.bias", {784});
  EXPECT_LT((torch::sigmoid(bias) - mean).abs().max().item<double>(), 1e-4);
  EXPECT_GT(mean.std().item<double>(), 0.1) << "pixels must differ for a comparison";
}

}  // namespace
}  // namespace duet
