// Games with further streams of examples besides [data].
#include <gtest/gtest.h>

#include <set>

#include "tests/data/fresh_folder.h"
#include "tests/train/goes_on.h"
#include "tests/train/toy_game.h"

namespace duet {
namespace {

/// Learns stream "b" as an affine map of "x", and makes such samples from held-out examples.
class Translated final : public Game {
 public:
  using Watch = std::function<void(const Turn&)>;
  Translated(bool paired, Watch watch) : paired_(paired), watch_(std::move(watch)) {}
  GameSpec spec(const DataKind& data, const LatentConfig&) const override {
    const auto b = data.stream("b");
    return {
        .players = {{"translator", {"translator"}}},
        .networks = {{.name = "translator", .input = data.shape, .output = b.shape, .range = b.range, .makes = "b"}},
        .streams = {{.name = "b", .line = "the translations", .paired = paired_}},
        .samples = {"translator"},
        .samples_like = "b",
        .samples_from = {"x"}};
  }
  Loss loss(const std::string&, const Turn& turn) const override {
    if (watch_) watch_(turn);
    Loss loss;
    loss.add("distance", (sample(turn.nets, turn.given) - turn.given.at("b")).square().mean());
    return loss;
  }
  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("translator")(given.at("x"), given);
  }

 private:
  bool paired_;
  Watch watch_;
};

constexpr const char* kTranslated = R"toml(
kimg = 1
batch = 8
seed = 3
[data]
standardise = "never"
[stream.b]
standardise = "never"
[game]
kind = "translated"
[network.translator]
kind = "layers"
layers = ["dense(1)"]
[player.translator]
lr = 0.1
)toml";

class Streams : public testing::Test {
 protected:
  static constexpr int64_t kExamples = 40;
  /// x contains 0, .01, .02 ... and b the number 3 x + 1, in a separate file.
  Streams() {
    std::string x, b;
    for (int64_t i = 0; i < kExamples; ++i) {
      const double value = 0.01 * static_cast<double>(i);
      x += fmt::format("{}\n", value), b += fmt::format("{}\n", 3 * value + 1);
    }
    put_file(folder_ / "x.csv", x);
    put_file(folder_ / "b.csv", b);
  }
  Recipe recipe(std::vector<std::string> overrides = {}) const {
    overrides.insert(overrides.begin(), {fmt::format("data.spec={}", (folder_ / "x.csv").string()),
                                         fmt::format("stream.b.spec={}", (folder_ / "b.csv").string())});
    return tiny(kTranslated, overrides);
  }
  ToyGame toy(bool paired) {
    return ToyGame("translated", [this, paired] {
      return std::make_unique<Translated>(paired, [this](const Turn& turn) {
        x_.push_back(turn.x().clone());
        b_.push_back(turn.given.at("b").clone());
      });
    });
  }
  Tensor x() const { return torch::cat(x_).flatten(); }
  Tensor b() const { return torch::cat(b_).flatten(); }

  FreshFolder folder_;
  std::vector<Tensor> x_, b_;
};

TEST_F(Streams, ThatArePairedGiveTheExamplesThatBelongTogether) {
  const auto game = toy(/*paired=*/true);
  Training training(recipe());
  training.rounds(10);
  EXPECT_TRUE(torch::allclose(b(), 3 * x() + 1));
  EXPECT_LT(x().narrow(0, 0, 8).diff().min().item<double>(), 0) << "shuffled";
  expect_goes_on(training, recipe());
}

TEST_F(Streams, ThatAreDrawnApartCoverTheirExamplesInAnOrderOfTheirOwn) {
  const auto game = toy(/*paired=*/false);
  const auto recipe = this->recipe({"stream.b.limit=24"});
  Training training(recipe);
  training.rounds(9);
  EXPECT_FALSE(torch::allclose(b(), 3 * x() + 1));
  // 36 of the 40 train; of b 24 of its own: three batches are an epoch.
  const auto seen = [&](const Tensor& all) { return std::get<0>(torch::_unique2(all)).size(0); };
  EXPECT_EQ(seen(b().narrow(0, 0, 24)), 24);
  EXPECT_EQ(seen(b()), 24);
  EXPECT_EQ(seen(x().narrow(0, 0, 36)), 36);
  expect_goes_on(training, recipe);
}

TEST_F(Streams, HaveCursorsOfTheirOwnInACheckpoint) {
  const auto game = toy(/*paired=*/false);
  Training training(recipe());
  training.rounds(5);
  const auto file = snapshot(training.trainer);
  EXPECT_EQ(file.texts.at("cursor"), "40");
  EXPECT_EQ(file.texts.at("cursor.b"), "40");
  const auto cursors = Trainer::saved_cursors(file);
  EXPECT_EQ(cursors, (std::map<std::string, int64_t>{{"b", 40}, {"x", 40}}));
  // If b began at another position the training would differ.
  Training other(recipe(), {{"x", 40}, {"b", 8}});
  other.trainer.load(file);
  training.rounds(1), other.rounds(1);
  EXPECT_TRUE(torch::equal(x_[5], x_[6]));
  EXPECT_FALSE(torch::equal(b_[5], b_[6]));
}

TEST_F(Streams, SamplesAreMadeOfTheExamplesAndLikeTheStreamThatTheGameSays) {
  const auto game = toy(/*paired=*/true);
  const auto recipe = this->recipe();
  Training training(recipe);
  training.rounds(400);
  Sampler sampler(recipe, training.data.facts);
  EXPECT_EQ(sampler.like(), "b");
  EXPECT_EQ(sampler.facts().content, training.data.facts.streams.at("b").content);
  sampler.load(training.trainer);
  EXPECT_EQ(error_of([&] { sampler.sample({.count = 1}); }, Fault::data),
            "tiny: game \"translated\" makes samples from examples of stream \"x\", and none are given");
  const auto held_out = training.data.split.held_out;
  ASSERT_EQ(held_out->info().size, 4);
  sampler.give_examples("x", held_out);
  const auto samples = sampler.sample({.count = 8, .seed = 5}).flatten();
  // Of 4 examples each twice, each time 3 x + 1.
  std::multiset<double> expected, found;
  for (int64_t i = 0; i < 8; ++i) {
    float value = 0;
    held_out->read(i % 4, &value);
    expected.insert(std::round(100 * (3 * static_cast<double>(value) + 1)));
    found.insert(std::round(100 * samples[i].item<double>()));
  }
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(torch::equal(sampler.sample({.count = 3, .seed = 5}, 4).flatten(), samples.narrow(0, 4, 3)));
}

TEST_F(Streams, RunsKnowTheirFactsAndPlaces) {
  const auto game = toy(/*paired=*/true);
  const auto recipe = this->recipe();
  const auto data = open_training_data(recipe);
  const auto run = create_run(folder_ / "run", recipe, data.facts, catalogues());
  const auto facts = facts_of(run);
  ASSERT_EQ(facts.streams.size(), 1u);
  EXPECT_TRUE(differences(data.facts, facts).empty());
  EXPECT_EQ(run.data_spec("x.csv", "b"), "x.csv") << "another than the recipe's";
  EXPECT_EQ(run.data_spec(recipe.stream.at("b").spec, "b"), (folder_ / "b.csv").string());
  auto other = data.facts;
  other.streams.at("b").content = "else";
  EXPECT_EQ(differences(facts, other),
            std::vector<std::string>{
                "stream.b: content: as many examples of the same classes, but other ones, or read otherwise"});
}

TEST_F(Streams, ThatDoNotFitAreRefusedWithTheirSection) {
  const auto game = toy(/*paired=*/true);
  const auto refused = [&](const std::vector<std::string>& overrides) {
    return error_of([&] { Training training(recipe(overrides)); }, Fault::recipe);
  };
  EXPECT_EQ(refused({"stream.b.spec="}),
            "tiny: game \"translated\" has a stream of the translations, and the recipe does not say which; expected "
            "[stream.b] with spec = ...: a built-in name or a path (--set stream.b.spec=SPEC)");
  EXPECT_EQ(refused({"stream.c.spec=ring"}), "[stream.c]: game \"translated\" has no such stream; it has b");
  EXPECT_EQ(refused({"stream.b.held_out=2"}),
            "stream.b.held_out: its examples are paired with those of [data] and have the same order; expected the "
            "value of data.held_out");
  put_file(folder_ / "b.csv", "1\n2\n3\n4\n");
  EXPECT_EQ(refused({}),
            "stream.b: its examples are paired with those of [data], which has 36 to train on and 4 held out, and it "
            "has 3 to train on and 1 held out; expected equally many; give both the same held_out and limit, or data "
            "that belong together");
}

TEST(Masks, AreAStreamInARangeOfTheirOwnWithLabelsOfTheirOwn) {
  class Masked final : public Game {
   public:
    GameSpec spec(const DataKind& data, const LatentConfig&) const override {
      return {.players = {{"filler", {"filler"}}},
              .networks =
                  {{.name = "filler", .input = data.shape, .output = data.shape, .range = data.range, .makes = "x"}},
              .streams = {{.name = "mask", .line = "masks"}}};
    }
    Loss loss(const std::string&, const Turn& turn) const override {
      const auto& mask = turn.given.at("mask");
      EXPECT_TRUE(torch::logical_or(mask == 0, mask == 1).all().item<bool>());
      EXPECT_EQ(mask.sizes(), turn.x().sizes());
      EXPECT_EQ(turn.range("mask"), (Range{0, 1}));
      EXPECT_EQ(turn.range(), (Range{-1, 1}));
      EXPECT_LT(turn.given.at("mask_label").max().item<int64_t>(), 3);
      EXPECT_GT(turn.given.at("label").max().item<int64_t>(), 2) << "digits' own";
      Loss loss;
      loss.add("distance", ((1 - mask) * (turn("filler", turn.x() * mask) - turn.x())).square().mean());
      return loss;
    }
  };
  const ToyGame toy("masked", [] { return std::make_unique<Masked>(); });
  const auto recipe = tiny(
      "batch = 32\n[data]\nspec = 'digits'\n[stream.mask]\nspec = 'masks'\nrange = '0..1'\n[game]\nkind = 'masked'\n"
      "[score]\nevery = 0\n[network.filler]\nkind = 'unet'\nwidth = 2\n[player.filler]\nlr = 1e-3\n");
  Training training(recipe);
  training.rounds(2);
  expect_goes_on(training, recipe);
}

TEST(Order, BalancedBatchesHaveAsManyOfEachClass) {
  const auto recipe = tiny(kTinyDigits, {"data.limit=50", "data.order=balanced", "batch=20"});
  Training training(recipe);
  const auto labels = training.feed.next().labels;
  EXPECT_EQ(std::get<0>(torch::_unique2(labels)).size(0), 10);
  EXPECT_TRUE(torch::equal(torch::bincount(labels, {}, 10), torch::full({10}, 2, torch::kInt64)));
}

TEST_F(Streams, OfTheSameDataThatAreDrawnApartAreNoPairsAndHoldOutTheSameExamples) {
  const auto game = toy(/*paired=*/false);
  const auto same = recipe({"stream.b.spec=" + (folder_ / "x.csv").string()});
  Training training(same);
  training.rounds(4);
  EXPECT_FALSE(torch::equal(b(), x()));
  const auto &held_out = *training.data.split.held_out, &of_b = *training.data.split_of("b").held_out;
  ASSERT_EQ(of_b.info().size, held_out.info().size);
  for (int64_t i = 0; i < held_out.info().size; ++i) {
    float value = 0, other = 0;
    held_out.read(i, &value), of_b.read(i, &other);
    EXPECT_EQ(other, value) << "a score would see examples that were trained on";
  }
}

TEST_F(Streams, OfTwoHalvesOfTheSameDataShareNoExampleNeitherInTrainingNorHeldOut) {
  const auto game = toy(/*paired=*/false);
  const auto data = open_training_data(
      recipe({"stream.b.spec=[data]", "data.part=first half", "stream.b.part=second half", "stream.b.limit=8"}));
  std::set<float> x, b;
  const auto gather = [](const Split& split, std::set<float>& all) {
    for (const auto& part : {split.train, split.held_out})
      for (int64_t i = 0; i < part->info().size; ++i) {
        float value = 0;
        part->read(i, &value);
        EXPECT_TRUE(all.insert(value).second) << "trained on and held out";
      }
  };
  gather(data.split, x), gather(data.split_of("b"), b);
  EXPECT_EQ(x.size(), 20u);
  EXPECT_EQ(b.size(), 8u + 2u);
  EXPECT_LT(*x.rbegin(), *b.begin());
}

TEST_F(Streams, OfTheDataFollowThemToAnotherPlace) {
  const auto game = toy(/*paired=*/false);
  const auto text = std::string(kTranslated) + "[stream.c]\nspec = '[data]'\n";
  const auto read = parse_recipe(text, "tiny.toml", {"data.spec=else"}, catalogues());
  EXPECT_EQ(read.stream.at("c").spec, "else");
  EXPECT_EQ(read.stream.at("b").spec, "") << "only where it says so";
}

TEST_F(Streams, ThatArePairedHaveTheKeysOfTheData) {
  const auto game = toy(/*paired=*/true);
  for (const char* key : {"part=odd", "held_out=2", "split=tail", "limit=8", "mirror=true", "order=balanced"}) {
    const std::string name(key, std::string(key).find('='));
    EXPECT_EQ(
        error_of([&] { open_training_data(recipe({std::string("stream.b.") + key})); }, Fault::recipe),
        fmt::format("stream.b.{0}: its examples are paired with those of [data] and have the same order; expected "
                    "the value of data.{0}",
                    name));
  }
}

TEST_F(Streams, SamplesAreOfOtherExamplesForAnotherSeed) {
  const auto game = toy(/*paired=*/true);
  const auto recipe = this->recipe();
  Training training(recipe);
  Sampler sampler(recipe, training.data.facts);
  sampler.load(training.trainer);
  sampler.give_examples("x", training.data.split.train);
  const auto samples = sampler.sample({.count = 8, .seed = 1});
  EXPECT_TRUE(torch::equal(sampler.sample({.count = 8, .seed = 1}), samples));
  EXPECT_FALSE(torch::equal(sampler.sample({.count = 8, .seed = 2}), samples));
}

TEST_F(Streams, ThatSamplesAreLikeMustBeLargeEnoughForScores) {
  const auto game = toy(/*paired=*/false);
  const auto recipe = this->recipe({"score.every=1", "stream.b.limit=8"});
  const auto text = error_of([&] { check_scorable(recipe, open_training_data(recipe)); }, Fault::recipe);
  EXPECT_TRUE(text.starts_with("score.every = 1, but 8 examples to train on and 4 held out are too few")) << text;
}

TEST(Masks, AreMirroredAndAveragedByKeysOfTheirOwn) {
  const auto recipe = tiny(
      "batch = 8\n[data]\nspec = 'digits'\nmirror = true\n[stream.mask]\nspec = 'masks'\nrange = '0..1'\n"
      "[game]\nkind = 'inpainting'\n[network.generator]\nkind = 'unet'\nwidth = 2\n"
      "[network.discriminator]\nkind = 'mlp'\nwidths = [4]\n");
  const auto data = open_training_data(recipe);
  const auto feeds = open_feeds(recipe, data, {});
  EXPECT_TRUE(feeds.at("x")->picker()->mirrors_any());
  EXPECT_FALSE(feeds.at("mask")->picker()->mirrors_any());
  const auto mean = mean_example(recipe, data, data.facts, "mask");
  EXPECT_GE(mean.min().item<double>(), 0);
  EXPECT_NEAR(mean.mean().item<double>(), 0.6, 0.15);
}

}  // namespace
}  // namespace duet
