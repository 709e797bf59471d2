// Further hooks of games: state that changes with each move, samples from several networks, kinds of turns.
#include "tests/train/on_numbers.h"

namespace duet {
namespace {

/// A number that follows a target, which a controller (the game's state) lowers after each of its moves.
class Steered final : public Game {
 public:
  GameSpec spec(const DataKind&, const LatentConfig&) const override {
    return {.players = {{"follower", {"follower"}}},
            .networks = {{.name = "follower", .input = {1, 1, 1}, .output = {1, 1, 1}}}};
  }
  Loss loss(const std::string&, const Turn& turn) const override {
    Loss loss;
    loss.add("distance", (turn("follower", turn.x() + 1) - target_).square().sum() / 2);
    return loss;
  }
  void moved(const std::string& player, const Turn& turn, const Loss& loss) override {
    EXPECT_EQ(player, "follower");
    EXPECT_EQ(loss.terms.size(), 1u);
    EXPECT_FALSE(turn("follower", turn.x() + 1).requires_grad()) << "nobody learns from what is done here";
    target_.mul_(0.9);
  }
  std::vector<std::pair<std::string, Tensor>> state() override { return {{"target", target_}}; }

 private:
  Tensor target_ = torch::ones({}, torch::kFloat64);
};

TEST(GameState, ChangesAfterEachMoveAndGoesOnAfterAResumeToTheBit) {
  const ToyGame toy("numbers", [] { return std::make_unique<Steered>(); });
  NumbersTraining whole({"follower"}, 1, {"player.follower.steps=2"});
  whole.set("follower", {0});
  double w = 0, target = 1;
  for (int round = 0; round < 4; ++round) {
    whole.training.rounds(1);
    for (int step = 0; step < 2; ++step) w -= 0.1 * (w - target), target *= 0.9;
    ASSERT_NEAR(whole.at("follower"), w, 1e-12);
  }
  const auto file = snapshot(whole.training.trainer);
  EXPECT_NEAR(file.tensors.at("game/target").item<double>(), target, 1e-12);
  Training later(whole.recipe, Trainer::saved_cursor(file));
  later.trainer.load(file);
  whole.training.rounds(3), later.rounds(3);
  expect_same(later.trainer.save(), whole.training.trainer.save());
}

/// Its samples are drafts that another network refines. The critic asks for a mean.
class Refined final : public Game {
 public:
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return {.players = {{"artist", {"draft", "refiner"}}},
            .networks = {{.name = "draft", .input = {latent.size, 1, 1}, .output = {3, 1, 1}},
                         {.name = "refiner", .input = {3, 1, 1}, .output = data.shape, .makes = "x"}},
            .latents = {{"z", latent}, {"style", {.kind = "uniform", .size = 3, .low = 4, .high = 5}}},
            .samples = {"draft", "refiner"}};
  }
  Loss loss(const std::string&, const Turn& turn) const override {
    Loss loss;
    const auto made = turn.once("made", [&] { return sample(turn.nets, turn.given); });
    loss.add("mean", (made.mean(0) - turn.x().mean(0)).square().sum());
    return loss;
  }
  Tensor sample(const Nets& nets, const Named& given) const override {
    EXPECT_GE(given.at("style").min().item<double>(), 4);
    return nets.at("refiner")(nets.at("draft")(given.at("z"), given) + given.at("style"), given);
  }
};

const char* const kRefined = R"toml(
kimg = 1
batch = 16
seed = 3
[data]
spec = "ring"
[latent]
size = 2
[game]
kind = "refined"
[network.draft]
kind = "layers"
layers = ["dense(4)", "batch_norm", "relu", "dense(3)"]
[network.refiner]
kind = "mlp"
widths = [4]
[player.artist]
lr = 1e-2
ema_kimg = 0.01
)toml";

TEST(Samples, OfTwoNetworksAreMadeAsTheGameSaysWithTheAveragesOfBoth) {
  const ToyGame toy("refined", [] { return std::make_unique<Refined>(); });
  const auto recipe = tiny(kRefined);
  Training training(recipe);
  training.rounds(20);
  Sampler live(recipe, training.data.facts), stored(recipe, training.data.facts);
  live.load(training.trainer);
  auto file = snapshot(training.trainer);
  live.save_statistics(file);
  EXPECT_TRUE(file.tensors.contains("ema/draft/01.batch_norm.mean"));
  stored.load(file);
  const Sampler::Request request{.count = 10, .seed = 4};
  const auto samples = live.sample(request);
  EXPECT_EQ(samples.sizes(), (std::vector<int64_t>{10, 2}));
  EXPECT_TRUE(torch::equal(stored.sample(request), samples));
  EXPECT_TRUE(torch::equal(live.sample({.count = 2, .seed = 4}, 5), samples.narrow(0, 5, 2)));
  // The refiner's EMA influences the samples, too.
  file.tensors["ema/refiner/02.dense.bias"] = file.tensors.at("ema/refiner/02.dense.bias") + 1;
  stored.load(file);
  EXPECT_GT((stored.sample(request) - samples).abs().max().item<double>(), 0.5);

  Training later(recipe, Trainer::saved_cursor(file));
  later.trainer.load(snapshot(training.trainer));
  training.rounds(3), later.rounds(3);
  expect_same(later.trainer.save(), training.trainer.save());
}

TEST(Samples, ThatAGameDoesNotMakeAreRefused) {
  const ToyGame toy("numbers", [] { return std::make_unique<Steered>(); });
  NumbersTraining game({"follower"}, 1, {});
  EXPECT_EQ(error_of([&] { Sampler(game.recipe, game.training.data.facts); }, Fault::recipe),
            "tiny: game \"numbers\" makes no samples");
}

/// Its loss is doubled in every third turn.
class Lazy final : public Game {
 public:
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override { return whole_.spec(data, latent); }
  Loss loss(const std::string&, const Turn& turn) const override {
    auto loss = whole_.loss("number", turn);
    if (turn.phase == 1) loss.add("lazy", loss.terms[0].value);
    return loss;
  }
  int64_t phase(const std::string& player, const Clock& clock) const override {
    EXPECT_EQ(player, "number");
    return clock.updates % 3 == 2;
  }

 private:
  OnNumbers whole_{{"number"}, 1, [](const std::string&, const Named& n) { return n.at("number").sum(); }};
};

TEST(Phases, OfTheGameAreThoseOfEachUpdate) {
  const ToyGame toy("numbers", [] { return std::make_unique<Lazy>(); });
  for (const char* steps : {"1", "4"}) {
    NumbersTraining game({"number"}, 1, {std::string("player.number.steps=") + steps});
    game.set("number", {0});
    double expected = 0;
    for (int update = 0; update < 12; ++update) expected -= update % 3 == 2 ? 0.2 : 0.1;
    game.training.rounds(12 / std::atoi(steps));
    EXPECT_NEAR(game.at("number"), expected, 1e-12) << steps;
  }
}

/// Its samples are sums of two latents.
class Added final : public Game {
 public:
  explicit Added(std::vector<Named>& given) : given_(given) {}
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return {.players = {{"artist", {"artist"}}},
            .networks = {{.name = "artist", .input = {latent.size, 1, 1}, .output = data.shape, .makes = "x"}},
            .latents = {{"z", latent}, {"w", latent}},
            .samples = {"artist"}};
  }
  Loss loss(const std::string&, const Turn&) const override { return {}; }
  Tensor sample(const Nets& nets, const Named& given) const override {
    given_.push_back(given);
    return nets.at("artist")(given.at("z") + given.at("w"), given);
  }

 private:
  std::vector<Named>& given_;
};

TEST(Samples, OfSeveralLatentsDrawEachByItself) {
  std::vector<Named> given;
  const ToyGame toy("added", [&] { return std::make_unique<Added>(given); });
  const auto recipe = tiny(
      "[data]\nspec = 'ring'\n[latent]\nsize = 3\n[game]\nkind = 'added'\n[network.artist]\nkind = 'mlp'\n"
      "widths = [4]\n");
  Sampler(recipe, open_training_data(recipe).facts).sample({.count = 1, .seed = 4});
  ASSERT_EQ(given.size(), 1u);
  EXPECT_GT((given[0].at("z") - given[0].at("w")).abs().min().item<double>(), 0);
}

/// Players that move from the same point, each after as many updates as it has made.
class Counted final : public Game {
 public:
  using Seen = std::vector<std::pair<std::string, std::vector<double>>>;
  explicit Counted(Seen& seen) : seen_(seen) {}
  GameSpec spec(const DataKind&, const LatentConfig&) const override {
    GameSpec spec;
    for (const char* name : {"a", "b"}) {
      spec.players.push_back({name, {name}});
      spec.networks.push_back({.name = name, .input = {1, 1, 1}, .output = {1, 1, 1}});
    }
    return spec;
  }
  Loss loss(const std::string& player, const Turn& turn) const override {
    Loss loss;
    loss.add("loss", turn(player, turn.x() + 1).sum());
    return loss;
  }
  int64_t phase(const std::string& player, const Clock&) const override { return player == "a" ? 3 : 4; }
  void moved(const std::string& player, const Turn& turn, const Loss&) override {
    Schedule updates(0);
    updates.shape = "linear", updates.unit = "update", updates.to = 100, updates.end = 100;
    seen_.emplace_back(player,
                       std::vector<double>{static_cast<double>(turn.clock.updates), turn.value(updates).item<double>(),
                                           static_cast<double>(turn.phase)});
  }

 private:
  Seen& seen_;
};

TEST(GameState, IsUpdatedByTheClockAndThePhaseOfTheTurnOfWhoHasMoved) {
  Counted::Seen seen;
  const ToyGame toy("numbers", [&] { return std::make_unique<Counted>(seen); });
  NumbersTraining game({"a", "b"}, 1, {"turns.order=list", "turns.list=['a', 'a + b']"});
  game.training.rounds(2);
  const Counted::Seen expected = {{"a", {0, 0, 3}}, {"a", {1, 1, 3}}, {"b", {0, 0, 4}},
                                  {"a", {2, 2, 3}}, {"a", {3, 3, 3}}, {"b", {1, 1, 4}}};
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace duet
