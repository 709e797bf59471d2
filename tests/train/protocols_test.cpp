// Protocols of data: how pictures are prepared, and which parts are scored.
#include <gtest/gtest.h>

#include <algorithm>

#include "duet/data/tensors.h"
#include "duet/train/training_data.h"
#include "tests/train/goes_on.h"
#include "tests/train/tiny.h"
#include "tests/train/toy_game.h"

namespace duet {
namespace {

/// Looks at each batch.
class Onlooker final : public Game {
 public:
  explicit Onlooker(std::function<void(const Turn&)> look) : look_(std::move(look)) {}
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return {
        .players = {{"artist", {"artist"}}},
        .networks =
            {{.name = "artist", .input = {latent.size, 1, 1}, .output = data.shape, .range = data.range, .makes = "x"}},
        .latents = {{"z", latent}},
        .samples = {"artist"}};
  }
  Loss loss(const std::string&, const Turn& turn) const override {
    look_(turn);
    Loss loss;
    loss.add("distance", (sample(turn.nets, turn.given) - turn.x()).square().mean());
    return loss;
  }
  Tensor sample(const Nets& nets, const Named& given) const override { return nets.at("artist")(given.at("z"), given); }

 private:
  std::function<void(const Turn&)> look_;
};

Recipe looked_at(const std::vector<std::string>& overrides) {
  return tiny(
      "batch = 16\n[data]\nspec = 'digits'\n[latent]\nsize = 3\n[game]\nkind = 'onlooker'\n[score]\nevery = 0\n"
      "[network.artist]\nkind = 'mlp'\nwidths = [4]\noutput = 'linear'\n[player.artist]\nlr = 1e-3\n",
      overrides);
}

TEST(PreparedData, HaveMeanZeroAndTheNormOfTheRecipe) {
  int turns = 0;
  const ToyGame toy("onlooker", [&] {
    return std::make_unique<Onlooker>([&](const Turn& turn) {
      const auto x = turn.x().to(torch::kFloat64).flatten(1);
      EXPECT_LT(x.mean(1).abs().max().item<double>(), 1e-4);
      EXPECT_LT((x.norm(2, 1) - 55).abs().max().item<double>(), 1e-4);
      EXPECT_NEAR(turn.range().high, 2 * 55 / 28.0, 1e-9);
      ++turns;
    });
  });
  const auto recipe = looked_at({"data.contrast=55"});
  Training training(recipe);
  training.rounds(3);
  EXPECT_EQ(turns, 3);
  expect_goes_on(training, recipe);
}

TEST(PreparedData, AreShownWithTheRangeOfTheirContrast) {
  const ToyGame toy("onlooker", [&] { return std::make_unique<Onlooker>([](const Turn&) {}); });
  const auto recipe = looked_at({"data.contrast=55", "network.artist.init='normal(1)'"});
  Training training(recipe);
  Sampler sampler(recipe, training.data.facts);
  sampler.load(training.trainer);
  const auto values = sampler.sample_values({.count = 8, .seed = 1});
  EXPECT_TRUE(torch::equal(sampler.sample({.count = 8, .seed = 1}), to_bytes(values, {-2 * 55 / 28.0, 2 * 55 / 28.0})));
  // Samples are compared with pictures that are shown in the same way.
  const auto compared = compared_split(recipe, training.data, "x");
  const auto real = read_examples(*training.data.split.train, 0, 8);
  const auto shown = to_bytes(to_values(real, {}, {}, 55), sampler.range()).to(torch::kInt64);
  EXPECT_LE((read_examples(*compared.train, 0, 8).to(torch::kInt64) - shown).abs().max().item<int64_t>(), 1);
  EXPECT_TRUE(torch::equal(read_examples(*compared_split(looked_at({}), training.data, "x").train, 0, 8), real));
}

TEST(PreparedData, AreBlackAndWhiteForTrainingAndForScores) {
  const ToyGame toy("onlooker", [&] {
    return std::make_unique<Onlooker>([](const Turn& turn) {
      EXPECT_TRUE((turn.x().abs() == 1).all().item<bool>());
      EXPECT_GT((turn.x() == 1).sum().item<int64_t>(), 100);
    });
  });
  Training training(looked_at({"data.binarise=0.5"}));
  training.rounds(2);
  for (const auto& part : {training.data.split.train, training.data.split.held_out}) {
    const auto bytes = read_examples(*part, 0, 20);
    EXPECT_TRUE(torch::logical_or(bytes == 0, bytes == 255).all().item<bool>());
  }
}

TEST(PreparedData, ArePictures) {
  for (const std::string key : {"contrast", "binarise"})
    EXPECT_EQ(error_of([&] { open_training_data(tiny(kTinyRing, {"data." + key + "=0.5"})); }, Fault::recipe),
              "data." + key + ": ring holds numbers, not pictures of 8 bits; leave it out");
}

// Cifar-10's and MNIST's protocols in the first GAN papers, and TensorFlow's, whose first 5,000 are held out.
TEST(Protocols, DivideMnistAsItsPapersDo) {
  const auto mnist = real_data() / "mnist";
  if (!std::filesystem::exists(mnist)) GTEST_SKIP() << mnist << " does not exist";
  const auto open = [&](const std::vector<std::string>& overrides) {
    auto all = overrides;
    all.push_back("data.spec=" + mnist.string());
    return open_training_data(tiny(kTinyDigits, all)).split;
  };
  const auto same = [](const Dataset& a, int64_t i, const Dataset& b, int64_t j) {
    return torch::equal(read_examples(a, i, 1), read_examples(b, j, 1));
  };
  const auto whole = open({"data.held_out=0"});
  const auto goodfellow = open({"data.held_out=10000", "data.split=tail"});
  EXPECT_EQ(goodfellow.train->info().size, 50'000);
  EXPECT_TRUE(same(*goodfellow.held_out, 0, *whole.train, 50'000));
  EXPECT_TRUE(same(*goodfellow.train, 49'999, *whole.train, 49'999));
  const auto tensorflow = open({"data.held_out=5000", "data.split=head"});
  EXPECT_EQ(tensorflow.train->info().size, 55'000);
  EXPECT_TRUE(same(*tensorflow.train, 0, *whole.train, 5'000));
  EXPECT_TRUE(same(*tensorflow.held_out, 4'999, *whole.train, 4'999));
  for (const auto& split : {goodfellow, tensorflow, whole}) {
    ASSERT_TRUE(split.test);
    EXPECT_EQ(split.test->info().size, 10'000);
  }
}

}  // namespace
}  // namespace duet
