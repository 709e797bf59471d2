// Recipes whose networks read tensors by name, and layers written differently than by the families, from the first
// round to a sample.
#include "duet/run/run_folder.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// Samples of a run of a few rounds, by its folder.
Tensor sampled(const Recipe& recipe) {
  const FreshFolder folder;
  const auto data = open_training_data(recipe);
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  train(run, recipe, data, {});
  return Sampler::open(folder / "run").sample({.count = 9, .seed = 3});
}

std::vector<std::string> with_layer(const std::string& text) {
  return {"network.generator.kind=layers", "network.generator.layers=['dense(8)', 'relu', '" + text + "', 'dense(2)']",
          "player.generator.ema_kimg=0.1", "kimg=0.4"};
}

TEST(WiredRecipes, SampleLayersThatAreAlwaysRandomHoweverTheyAreSpelled) {
  const auto expected = sampled(tiny(kTinyRing, with_layer("dropout(keep=0.5, scale=2, mode=always)")));
  for (const auto* text : {"dropout(0.5, 2, always)", "dropout( 0.5, mode = always )", "dropout(mode=always,keep=0.5)",
                           " dropout ( 0.5 , 2 , always ) "})
    EXPECT_TRUE(torch::equal(sampled(tiny(kTinyRing, with_layer(text))), expected)) << text;
  EXPECT_FALSE(torch::equal(sampled(tiny(kTinyRing, with_layer("dropout(0.5, 2)"))), expected));
  EXPECT_TRUE(torch::equal(sampled(tiny(kTinyRing, with_layer("noise( mode = always )"))),
                           sampled(tiny(kTinyRing, with_layer("noise(0.1, always)")))));
}

/// Both players with two branches: one of them for the labels.
const std::vector<std::string> kTwoBranches = {
    "network.generator.kind=layers",
    "network.generator.layers=['dense(8)', 'batch_norm', 'relu', 'mark(z)', 'embedding(label, 4)', 'concat(z)', "
    "'dense(8)', 'mark(a)', 'relu', 'dense(8)', 'add(a)', 'dense(2)']",
    "network.discriminator.kind=layers",
    "network.discriminator.layers=['dense(10)', 'maxout(5)', 'mark(a)', 'take(label)', 'dense(6)', 'maxout(3)', "
    "'concat(a)', 'dense(8)', 'leaky_relu', 'mark(features)', 'dense(1)', 'projection(label, features)']",
    "player.generator.ema_kimg=0.1"};

TEST(WiredRecipes, GoOnBitForBit) {
  const auto recipe = tiny(kTinyRing, kTwoBranches);
  Training training(recipe);
  training.rounds(4);
  const auto file = snapshot(training.trainer);
  EXPECT_TRUE(file.tensors.contains("ema/generator/04.embedding.table"));
  Training later(recipe, Trainer::saved_cursor(file));
  later.trainer.load(file);
  training.rounds(3), later.rounds(3);
  expect_same(later.trainer.save(), training.trainer.save());
}

TEST(WiredRecipes, SampleByLabel) {
  const auto recipe = tiny(kTinyRing, kTwoBranches);
  Training training(recipe);
  training.rounds(50);
  Sampler sampler(recipe, training.data.facts);
  sampler.load(training.trainer);
  EXPECT_TRUE(sampler.conditional());
  const auto of = [&](int64_t label) { return sampler.sample({.count = 4, .seed = 1, .label = label}); };
  EXPECT_FALSE(torch::equal(of(0), of(3)));
  Sampler loaded(recipe, training.data.facts);
  loaded.load(training.trainer.save());
  EXPECT_TRUE(torch::equal(loaded.sample({.count = 4, .seed = 1, .label = 3}), of(3)));
}

TEST(WiredRecipes, SayWhichNameThereIsNoneOf) {
  const std::vector<std::string> wrong{"network.discriminator.kind=layers",
                                       "network.discriminator.layers=['dense(8)', 'take(lable)', 'dense(1)']"};
  EXPECT_EQ(
      error_of([&] { const Training training(tiny(kTinyRing, wrong)); }, Fault::recipe),
      "[network.discriminator] layer 1: 'take(lable)': no tensor is named 'lable' here; expected one of label, x; "
      "did you mean 'label'?");
}

}  // namespace
}  // namespace duet
