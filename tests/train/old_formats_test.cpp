// Checkpoints of older formats can be sampled and resumed.
#include "duet/train/old_formats.h"

#include "duet/train/model_file.h"
#include "tests/places.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// Written by a duet of format 2: points on a ring, the generator with an embedding of labels, batch norm and EMA
/// weights, the discriminator with a projection; at 640 images.
TensorFile of_format_2() { return read_tensors(std::string(source_path()) + "/tests/golden/format2.safetensors"); }

TEST(OldFormats, Format2WithLabelsIsSampledAsItWas) {
  const auto file = of_format_2();
  Sampler sampler(recipe_of(file, catalogues()), facts_of(file));
  sampler.load(file);
  const auto expected =
      torch::tensor({-0.8618405, -0.7102984, -0.5882294, -0.0946366, -0.8687377, 0.0029018,  -0.9220816, 1.4983495,
                     -0.5629231, 0.1088125,  -2.3809831, -2.1476972, -2.3298683, -1.8590330, -0.6776066, 1.1292235,
                     -0.5030780, 0.3187162,  -0.8836499, 1.9308101,  -1.3838333, -1.0037328, 0.0870687,  1.3237234})
          .view({12, 2});
  const auto found = sampler.sample({.count = 12, .seed = 5});
  EXPECT_LT((found - expected).abs().max().item<double>(), 1e-4) << found;
}

TEST(OldFormats, Format2WithLabelsTrainsOnUnderTodaysNames) {
  const auto file = of_format_2();
  Training training(recipe_of(file, catalogues()), Trainer::saved_cursor(file));
  training.trainer.load(file);
  const auto again = snapshot(training.trainer);
  EXPECT_EQ(again.text("format"), "3");
  const std::map<std::string, std::string> names{
      {"generator/label.embedding", "generator/01.embedding.table"},
      {"generator/00.dense.weight", "generator/05.dense.weight"},
      {"generator/01.batch_norm.mean", "generator/06.batch_norm.mean"},
      {"generator/03.dense.bias", "generator/08.dense.bias"},
      {"average/generator/label.embedding", "ema/generator/01.embedding.table"},
      {"average/generator/00.dense.weight", "ema/generator/05.dense.weight"},
      {"discriminator/00.dense.weight", "discriminator/00.dense.weight"},
      {"discriminator/02.dense.weight", "discriminator/03.dense.weight"},
      {"discriminator/label.projection", "discriminator/05.projection.table"}};
  for (const auto& [then, now] : names) EXPECT_TRUE(torch::equal(again.tensors.at(now), file.tensors.at(then))) << then;
  for (const auto& [name, value] : again.tensors) EXPECT_EQ(name.find("label."), std::string::npos) << name;
  // The table's slots are the last ones, as they were.
  const auto slots = again.tensors.at("optimizer/discriminator/discriminator/mean");
  EXPECT_TRUE(torch::equal(slots, file.tensors.at("optimizer/discriminator/mean")));
  training.rounds(3);
}

TEST(OldFormats, Format3sDevelopmentVersionsNamedTheEmaOtherwise) {
  const auto recipe = tiny(kTinyDigits);
  Training training(recipe);
  training.rounds(5);
  const auto file = snapshot(training.trainer);
  TensorFile former = file;
  for (const auto& [name, value] : file.tensors)
    if (name.starts_with("ema/")) former.tensors.erase(name), former.tensors["average/" + name.substr(4)] = value;
  ASSERT_NE(former.tensors.lower_bound("average/"), former.tensors.lower_bound("average0"));
  Sampler expected(recipe, training.data.facts), sampler(recipe, training.data.facts);
  expected.load(file), sampler.load(former);
  EXPECT_TRUE(torch::equal(sampler.sample({.count = 4}), expected.sample({.count = 4})));
  Training later(recipe, Trainer::saved_cursors(former));
  later.trainer.load(former);
  training.rounds(2), later.rounds(2);
  expect_same(later.trainer.save(), training.trainer.save());
}

/// As format 2 would have written it.
TensorFile renamed(const TensorFile& file, const std::map<std::string, std::string>& now_then) {
  auto old = file;
  for (const auto& [now, then] : now_then) old.tensors.erase("generator/" + now);
  for (const auto& [now, then] : now_then) old.tensors["generator/" + then] = file.tensors.at("generator/" + now);
  old.texts["format"] = "2";
  return old;
}

TEST(OldFormats, CountLayersWithoutThoseByWhichLabelsEnter) {
  const auto recipe = tiny(kTinyDigits, {"network.generator.label=channels", "network.generator.label_after=4",
                                         "player.generator.ema_kimg=0", "player.discriminator.optimizer=adam"});
  Training training(recipe);
  training.rounds(2);
  const auto file = snapshot(training.trainer);
  const auto old = renamed(file, {{"07.conv_transpose.weight", "06.conv_transpose.weight"},
                                  {"05.batch_norm.scale", "04.batch_norm.scale"},
                                  {"05.batch_norm.shift", "04.batch_norm.shift"},
                                  {"05.batch_norm.mean", "04.batch_norm.mean"},
                                  {"05.batch_norm.variance", "04.batch_norm.variance"}});
  Sampler now(recipe, training.data.facts), then(recipe, training.data.facts);
  now.load(file), then.load(old);
  EXPECT_TRUE(torch::equal(then.sample({.count = 8}), now.sample({.count = 8})));
}

TEST(OldFormats, OfALaterDuetOrASizeThatDoesNotFitAreRefused) {
  auto file = of_format_2();
  const auto recipe = recipe_of(file, catalogues());
  Sampler sampler(recipe, facts_of(file));
  file.tensors["generator/label.embedding"] = torch::zeros({7, 3});
  file.tensors["average/generator/label.embedding"] = torch::zeros({7, 3});
  EXPECT_NE(error_of([&] { sampler.load(file); }, Fault::checkpoint).find("01.embedding.table"), std::string::npos);
}

}  // namespace
}  // namespace duet
