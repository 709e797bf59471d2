#include "duet/train/sampler.h"

#include <gtest/gtest.h>

#include <cmath>

#include "duet/run/run_folder.h"
#include "duet/train/pictures.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

DataFacts digit_facts() {
  return {.shape = {1, 28, 28}, .pictures = true, .classes = {"0", "1", "2", "3"}, .class_share = {0.1, 0.2, 0.3, 0.4}};
}

/// A generator of digits whose weights are large enough to give pictures that differ.
Sampler digits(const std::vector<std::string>& overrides = {}) {
  auto all = overrides;
  all.push_back("network.generator.init='normal(0.5)'");
  return Sampler(tiny(kTinyDigits, all), digit_facts());
}

TEST(Sampler, GivesEachSampleWhateverElseIsAskedFor) {
  const auto sampler = digits();
  const auto all = sampler.sample_values({.count = 140, .seed = 7});
  ASSERT_EQ(all.sizes(), (torch::IntArrayRef{140, 1, 28, 28}));
  const auto same = [&](int64_t first, int64_t count) {
    return torch::equal(sampler.sample_values({.count = count, .seed = 7}, first), all.narrow(0, first, count));
  };
  EXPECT_TRUE(same(0, 1));
  EXPECT_TRUE(same(0, 64));
  EXPECT_TRUE(same(63, 2));
  EXPECT_TRUE(same(100, 40));
  EXPECT_TRUE(same(139, 1));
  EXPECT_FALSE(torch::equal(all[0], all[1]));
}

TEST(Sampler, GivesEachSampleOfARandomNetworkAsWell) {
  const Sampler sampler(tiny(kTinyRing, {"network.generator={kind = 'layers', layers = ['dense(16)', 'relu', "
                                         "'dropout(0.5, 2, mode=always)', 'dense(2)']}"}),
                        {.shape = {2, 1, 1}, .pictures = false, .classes = {}, .class_share = {}});
  const auto all = sampler.sample({.count = 130, .seed = 1});
  EXPECT_TRUE(torch::equal(sampler.sample({.count = 130, .seed = 1}), all));
  for (const int64_t first : {1, 63, 64, 100, 129})
    EXPECT_TRUE(torch::equal(sampler.sample({.count = 1, .seed = 1}, first), all.narrow(0, first, 1))) << first;
}

TEST(Sampler, RepeatsASeedAndNoOther) {
  const auto sampler = digits();
  EXPECT_TRUE(torch::equal(sampler.sample({.count = 20, .seed = 1}), digits().sample({.count = 20, .seed = 1})));
  EXPECT_FALSE(torch::equal(sampler.sample({.count = 20, .seed = 1}), sampler.sample({.count = 20, .seed = 2})));
  // Neighbouring seeds do not share samples shifted by one.
  EXPECT_FALSE(torch::equal(sampler.latents(1, 1, 1), sampler.latents(1, 2, 0)));
}

TEST(Sampler, FillsTheRangeOfBytes) {
  const auto pictures = digits().sample({.count = 16});
  EXPECT_EQ(pictures.scalar_type(), torch::kUInt8);
  EXPECT_LT(pictures.min().item<int>(), 20);
  EXPECT_GT(pictures.max().item<int>(), 235);
}

TEST(Sampler, DrawsLabelsInTheDatasShares) {
  const auto sampler = digits();
  ASSERT_TRUE(sampler.conditional());
  const auto labels = sampler.labels({.count = 20'000, .seed = 3});
  for (int64_t c = 0; c < 4; ++c)
    EXPECT_NEAR((labels == c).to(torch::kFloat64).mean().item<double>(), 0.1 * static_cast<double>(c + 1), 0.015) << c;
  EXPECT_TRUE(torch::equal(sampler.labels({.count = 5, .seed = 3}, 100), labels.narrow(0, 100, 5)));
  EXPECT_TRUE(torch::equal(sampler.labels({.count = 3, .label = 2}), torch::full({3}, 2, torch::kInt64)));
}

TEST(Sampler, RefusesALabelThereIsNoneOf) {
  EXPECT_EQ(error_of([] { digits().sample({.label = 4}); }, Fault::usage),
            "--label 4: the classes are 0 to 3 (0, 1, 2, 3)");
  EXPECT_EQ(error_of([] { digits({"network.generator.label=none"}).sample({.label = 0}); }, Fault::usage),
            "--label 0: this generator takes no labels (network.generator.label = \"none\")");
  EXPECT_FALSE(digits({"network.generator.label=none"}).labels({}).defined());
}

TEST(Sampler, TakesAClassByItsNameOrNumber) {
  auto facts = digit_facts();
  facts.classes = {"cat", "dog", "1", "eel"};
  const Sampler sampler(tiny(kTinyDigits), facts);
  EXPECT_EQ(sampler.label_of("dog"), 1);
  EXPECT_EQ(sampler.label_of("3"), 3);
  EXPECT_EQ(sampler.label_of("1"), 2) << "a class that is named so is meant before a number";
  const std::string begin = ": no such class; expected a number from 0 to 3, or a name: cat, dog, 1, eel";
  EXPECT_EQ(error_of([&] { sampler.label_of("4"); }, Fault::usage), "--label 4" + begin);
  EXPECT_EQ(error_of([&] { sampler.label_of("-1"); }, Fault::usage), "--label -1" + begin);
  EXPECT_EQ(error_of([&] { sampler.label_of("dgo"); }, Fault::usage), "--label dgo" + begin + "; did you mean 'dog'?");
  facts.classes = std::vector<std::string>(100, "so many");
  EXPECT_LT(error_of([&] { Sampler(tiny(kTinyDigits), facts).label_of("x"); }, Fault::usage).size(), 300u);
}

TEST(Sampler, TellsHowManyAreMadeAndJoinsThePiecesOfALargeRequest) {
  Sampler sampler(tiny(kTinyRing), {.shape = {2, 1, 1}, .pictures = false, .classes = {}, .class_share = {}});
  int64_t told = 0;
  sampler.watch([&](int64_t made) { told += made; });
  const auto all = sampler.sample({.count = 5000, .seed = 3});
  EXPECT_EQ(told, 5000);
  EXPECT_TRUE(torch::equal(all, sampler.sample_values({.count = 5000, .seed = 3})));
  EXPECT_TRUE(torch::equal(all.narrow(0, 4000, 200), sampler.sample({.count = 200, .seed = 3}, 4000)));
}

TEST(Sampler, DrawsEveryKindOfLatent) {
  const auto latents = [](const std::vector<std::string>& overrides) {
    return Sampler(tiny(kTinyRing, overrides),
                   {.shape = {2, 1, 1}, .pictures = false, .classes = {}, .class_share = {}})
        .latents(5000, 1);
  };
  const auto normal = latents({});
  EXPECT_NEAR(normal.mean().item<double>(), 0, 0.03);
  EXPECT_NEAR(normal.std().item<double>(), 1, 0.03);
  const auto uniform = latents({"latent.kind=uniform", "latent.low=2", "latent.high=5"});
  EXPECT_GE(uniform.min().item<double>(), 2);
  EXPECT_LT(uniform.max().item<double>(), 5);
  EXPECT_NEAR(uniform.mean().item<double>(), 3.5, 0.05);
  const auto spherical = latents({"latent.kind=spherical"});
  EXPECT_TRUE(torch::allclose(spherical.norm(2, 1), torch::ones({5000}), 1e-5));
}

TEST(Sampler, GivesSingleNumbersAsVectorsOfOne) {
  const Sampler sampler(tiny(kTinyRing), {.shape = {1, 1, 1}, .pictures = false, .classes = {}, .class_share = {}});
  EXPECT_EQ(sampler.sample({.count = 3}).sizes(), (torch::IntArrayRef{3, 1}));
}

TEST(Sampler, OpensARunWithoutItsData) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyDigits);
  Training training(recipe);
  training.rounds(3);
  const auto run =
      create_run(folder / "run", tiny(kTinyDigits, {"data.spec=moved/away"}), training.data.facts, catalogues());
  run.save_checkpoint(training.trainer.save(), 24, 3);
  Sampler live(recipe, training.data.facts);
  live.load(training.trainer);
  const auto opened = Sampler::open(folder / "run");
  EXPECT_TRUE(torch::equal(opened.sample({.count = 9, .seed = 4}), live.sample({.count = 9, .seed = 4})));
  // Samples come from the EMA weights, not from the trained ones.
  EXPECT_FALSE(torch::equal(live.network().parameters()[0].value,
                            training.trainer.networks().at("generator")->parameters()[0].value));
}

/// A checkpoint whose EMA weights are far from the weights to which its running statistics belong.
TensorFile with_distant_ema(Training& training) {
  training.rounds(3);
  auto file = snapshot(training.trainer);
  const auto generator = make_generator(8);
  for (auto& [name, value] : file.tensors)
    if (name.starts_with("ema/generator/")) value.normal_(0, 1.5, generator);
  return file;
}

TEST(Sampler, UsesTheStatisticsOfTheAveragedWeights) {
  Training training(tiny(kTinyDigits));
  const auto file = with_distant_ema(training);
  Sampler sampler(tiny(kTinyDigits), training.data.facts);
  sampler.load(file);
  const Sampler::Request request{.count = 1024, .seed = 9};
  const auto sampled = sampler.sample_values(request);
  // The same weights on a large batch of other latents, with that batch's statistics.
  Sampler other(tiny(kTinyDigits), training.data.facts);
  other.load(file);
  Pass pass;
  pass.training = true;
  const auto batch =
      other.network().forward(sampler.latents(1024, 10), labelled(sampler.labels({.count = 1024, .seed = 10})), pass);
  EXPECT_GT(batch.mean(0).std().item<double>(), 0.2) << "pixels must differ for a comparison";
  EXPECT_LT((sampled.mean(0) - batch.mean(0)).abs().mean().item<double>(), 0.05);
  EXPECT_LT((sampled.std(0) - batch.std(0)).abs().mean().item<double>(), 0.05);
  for (const auto& [name, value] : sampler.network().buffers()) {
    if (!name.ends_with(".variance")) continue;
    EXPECT_GT((value / file.at("generator/" + name, value.sizes())).log().abs().max().item<double>(), 1) << name;
  }
}

TEST(Sampler, TakesTheSameStatisticsHoweverTheGeneratorIsLoaded) {
  Training training(tiny(kTinyDigits)), loaded(tiny(kTinyDigits));
  const auto file = with_distant_ema(training);
  loaded.trainer.load(file);
  const auto before = snapshot(loaded.trainer);
  Sampler from_file(tiny(kTinyDigits), training.data.facts), live(tiny(kTinyDigits), training.data.facts);
  from_file.load(snapshot(training.trainer));  // of other weights: nothing of them may stay
  from_file.load(file);
  live.load(loaded.trainer);
  live.load(loaded.trainer);
  const auto& network = from_file.network();
  for (size_t i = 0; i < network.buffers().size(); ++i)
    EXPECT_TRUE(torch::equal(network.buffers()[i].value, live.network().buffers()[i].value))
        << network.buffers()[i].name;
  expect_same(before, loaded.trainer.save());  // a training that is watched does not notice
}

TEST(Sampler, KeepsTheRunningStatisticsOfWeightsThatAreNotAveraged) {
  const auto recipe = tiny(kTinyDigits, {"player.generator.ema_kimg=0"});
  Training training(recipe);
  training.rounds(3);
  Sampler sampler(recipe, training.data.facts);
  sampler.load(training.trainer);
  const auto& buffers = training.trainer.networks().at("generator")->buffers();
  ASSERT_FALSE(buffers.empty());
  for (size_t i = 0; i < buffers.size(); ++i)
    EXPECT_TRUE(torch::equal(sampler.network().buffers()[i].value, buffers[i].value)) << buffers[i].name;
}

TEST(Sampler, RefusesTheCheckpointOfAnotherRecipe) {
  const FreshFolder folder;
  Training training(tiny(kTinyRing));
  const auto run = create_run(folder / "run", tiny(kTinyRing, {"network.generator.widths=[8, 8]"}), training.data.facts,
                              catalogues());
  run.save_checkpoint(training.trainer.save(), 0, 3);
  const auto file = (folder / "run/checkpoints/000000000.safetensors").string();
  EXPECT_EQ(error_of([&] { Sampler::open(folder / "run"); }, Fault::checkpoint),
            file +
                ": tensor 'generator/02.dense.weight' is [2, 8], the recipe makes it [8, 8]; it belongs to another "
                "recipe; use the one it was trained with");
}

TEST(Interpolate, BeginsAndEndsAtItsEndsToTheBit) {
  const auto generator = make_generator(4);
  const auto a = torch::randn({50}, generator), b = torch::randn({50}, generator);
  for (const bool spherical : {false, true})
    for (const int64_t n : {2, 3, 11}) {
      const auto points = interpolate(a, b, n, spherical);
      ASSERT_EQ(points.size(0), n);
      EXPECT_TRUE(torch::equal(points[0], a));
      EXPECT_TRUE(torch::equal(points[n - 1], b));
    }
  EXPECT_TRUE(torch::allclose(interpolate(a, b, 3, false)[1], (a + b) / 2));
}

TEST(Interpolate, KeepsTheNormOnASphere) {
  const auto generator = make_generator(5);
  auto a = torch::randn({64}, generator), b = torch::randn({64}, generator);
  a = a / a.norm();
  b = b / b.norm();
  const auto points = interpolate(a, b, 33, true);
  EXPECT_LT((points.norm(2, 1) - 1).abs().max().item<double>(), 1e-6);
  // Steps of equal angle, and so of equal length.
  const auto steps = (points.slice(0, 1) - points.slice(0, 0, 32)).norm(2, 1);
  EXPECT_LT((steps.max() - steps.min()).item<double>(), 1e-5);
}

TEST(Interpolate, TurnsByTheAngleWhateverTheNormsAre) {
  // 60 degrees apart, three times as long: half the way is sin 30 / sin 60 of both.
  const auto a = torch::tensor({1.0F, 0.0F}), b = torch::tensor({1.5F, 1.5F * std::sqrt(3.0F)});
  for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}})
    EXPECT_TRUE(torch::allclose(interpolate(from, to, 3, true)[1], (a + b) / std::sqrt(3.0), 1e-5));
}

TEST(Interpolate, StaysFiniteBetweenParallelAndOppositeVectors) {
  const auto a = torch::ones({8});
  EXPECT_TRUE(torch::allclose(interpolate(a, a, 5, true), a.expand({5, 8})));
  EXPECT_TRUE(torch::allclose(interpolate(a, 3 * a, 3, true)[1], 2 * a));
  EXPECT_TRUE(torch::isfinite(interpolate(a, -a, 5, true)).all().item<bool>());
}

TEST(Pictures, JoinTheStepsOfAWay) {
  const auto points = torch::tensor({-1.0, 0.0, 1.0, 0.0, -1.0, 1.0, 1.0, 1.0}).view({4, 2});
  const auto coloured = [](const Image& image) {
    int count = 0;
    for (int y = 40; y < image.height; ++y)
      for (int x = 0; x < image.width; ++x) count += std::abs(image.at(x, y)[0] - image.at(x, y)[2]) > 60;
    return count;
  };
  EXPECT_LT(coloured(points_picture(points, {}, {})), 200);
  EXPECT_GT(coloured(paths_picture(points, {}, 2)), 600);
}

TEST(Sampler, GivesEverySampleNoiseOfItsOwn) {
  // z is always 1, so only the noise differs.
  const Sampler sampler(
      tiny(kTinyRing, {"latent.kind=uniform", "latent.low=1", "latent.high=1",
                       "network.generator={kind = 'layers', layers = ['noise(1, mode=always)', 'dense(2)']}"}),
      {.shape = {2, 1, 1}, .pictures = false, .classes = {}, .class_share = {}});
  const auto samples = sampler.sample({.count = 40, .seed = 1});
  EXPECT_EQ(std::get<0>(torch::_unique2(samples.select(1, 0))).size(0), 40);
}

TEST(Sampler, TakesStatisticsInTheTurnsOfTheGenerator) {
  const auto recipe = [](const std::string& turns) {
    return tiny(kTinyRing, {"player.generator.ema_kimg=0.05",
                            "network.generator={kind = 'layers', layers = ['dense(8)', 'dropout(0.5" + turns +
                                ")', 'batch_norm', 'dense(2)']}"});
  };
  Training training(recipe(""));
  training.rounds(2);
  Sampler everybodys(recipe(""), training.data.facts), own(recipe(", turns=generator"), training.data.facts);
  const auto file = snapshot(training.trainer);
  everybodys.load(file), own.load(file);
  for (size_t i = 0; i < own.network().buffers().size(); ++i)
    EXPECT_TRUE(torch::equal(own.network().buffers()[i].value, everybodys.network().buffers()[i].value));
}

}  // namespace
}  // namespace duet
