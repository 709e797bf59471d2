// Runs that must reach a quality: no other test checks that the whole system learns.
#include "duet/score/scorer.h"
#include "tests/places.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// Score of one of the project's recipes after `kimg`, with the final generator.
Report trained(const std::string& name, int kimg, const ScorerOptions& options, int64_t samples) {
  const auto file = std::filesystem::path(source_path()) / "recipes" / (name + ".toml");
  const auto recipe = load_recipe(file.string(), {},
                                  {fmt::format("kimg={}", kimg), "seed=1", "precision=fp32", "score.every=0",
                                   "sample_every=1000", "checkpoint_every=1000"},
                                  catalogues());
  const FreshFolder folder;
  const auto data = open_training_data(recipe);
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  train(run, recipe, data, {});
  const Scorer scorer(*data.split.train, *data.split.held_out, recipe.data.spec, options);
  const auto sampler = Sampler::open(folder / "run");
  const Sampler::Request request{.count = samples, .seed = 7};
  const auto& shape = data.facts.shape;
  const auto values = sampler.sample_values(request).view({-1, shape.channels, shape.height, shape.width});
  return scorer.score(values, sampler.range(), sampler.labels(request), Half::report);
}

double value(const Report& report, const std::string& name) { return report.find(name)->value; }

// `duet train ring` with the seeds 1 to 5 after 500 kimg: 8 modes always, high_quality .60 to .66, mode_divergence .89
// to 1.13, frechet .0004 to .0027.
TEST(Slow_Quality, OfARingIsThatAllOfItIsCovered) {
  const auto report = trained("ring", 500, {}, 2'560);
  EXPECT_EQ(value(report, "modes"), 8);
  EXPECT_GT(value(report, "high_quality"), 0.5);
  EXPECT_LT(value(report, "mode_divergence"), 1.5);
  EXPECT_LT(value(report, "frechet"), 0.01);
}

// `duet train digits` with the seeds 1 to 5 after 50 kimg: agreement .94 to .97, of the worst class .90 to .94, 10
// classes always, frechet 1.5 to 2.6. Here products are float32 on every machine, and the classifier sees a third of
// the examples.
TEST(Slow_Quality, OfDigitsIsThatTheyShowTheClassAskedFor) {
  const FreshFolder cache;
  ScorerOptions options;
  options.features.cache_folder = cache.path();
  options.features.classifier.examples = 30'000;
  const auto report = trained("digits", 50, options, 2'000);
  EXPECT_GT(value(report, "agreement"), 0.88);
  EXPECT_GT(value(report, "agreement_worst"), 0.75);
  EXPECT_EQ(value(report, "modes"), 10);
  EXPECT_LT(value(report, "frechet"), 6);
}

}  // namespace
}  // namespace duet
