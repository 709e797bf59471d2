// What a game declares: players with several networks, networks of several players, sections that networks share.
#include <gtest/gtest.h>

#include <set>

#include "tests/train/tiny.h"
#include "tests/train/toy_game.h"

namespace duet {
namespace {

const std::string kHead = R"(
kimg = 1
batch = 16
seed = 3
[data]
spec = "ring"
[latent]
size = 2
)";

/// One player with two networks: decoding a code must reproduce what was encoded.
class Autoencoder final : public Game {
 public:
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape code{latent.size, 1, 1};
    return {.players = {{"autoencoder", {"encoder", "decoder"}}},
            .networks = {{.name = "encoder", .input = data.shape, .output = code},
                         {.name = "decoder", .input = code, .output = data.shape, .makes = "x"}},
            .latents = {{"z", latent}},
            .samples = {"decoder"}};
  }
  Loss loss(const std::string&, const Turn& turn) const override {
    Loss loss;
    loss.add("error", (turn("decoder", turn("encoder", turn.x())) - turn.x()).square().mean());
    return loss;
  }
  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("decoder")(given.at("z"), given);
  }
};

const std::string kAutoencoder = kHead + R"(
[game]
kind = "autoencoder"
[network.encoder]
kind = "mlp"
widths = [8]
[network.decoder]
kind = "mlp"
widths = [8]
[player.autoencoder]
lr = 1e-2
ema_kimg = 0.1
)";

TEST(DeclaredNetworks, OfOnePlayerHaveEachItsWeightsAverageAndSlots) {
  const ToyGame toy("autoencoder", [] { return std::make_unique<Autoencoder>(); });
  const auto recipe = tiny(kAutoencoder.c_str());
  Training training(recipe);
  training.rounds(1);
  const double first = training.trainer.read().means.at(0).second;
  training.rounds(400);
  training.trainer.read();
  training.rounds(1);
  EXPECT_LT(training.trainer.read().means.at(0).second, first / 10);
  const auto file = snapshot(training.trainer);
  for (const std::string network : {"encoder", "decoder"}) {
    const auto count = training.weights(network).numel();
    for (const char* slot : {"mean", "square"})
      EXPECT_EQ(file.tensors.at(fmt::format("optimizer/autoencoder/{}/{}", network, slot)).numel(), count);
    EXPECT_TRUE(file.tensors.contains("ema/" + network + "/00.dense.weight"));
    EXPECT_EQ(file.text("images." + network), "6432");
  }
  // And continue to the bit.
  Training later(recipe, Trainer::saved_cursor(file));
  later.trainer.load(file);
  training.rounds(3), later.rounds(3);
  expect_same(later.trainer.save(), training.trainer.save());
}

/// Two players with opposite goals for one network's output on a sample.
class Rivals final : public Game {
 public:
  explicit Rivals(bool shared) : shared_(shared) {}
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return {
        .players = {{"left", {"common"}}, {"right", {"common", "own"}}},
        .networks =
            {{.name = "common", .input = {latent.size, 1, 1}, .output = data.shape, .makes = "x", .shared = shared_},
             {.name = "own", .input = data.shape, .output = {1, 1, 1}, .section = "common"}},
        .latents = {{"z", latent}},
        .samples = {"common"}};
  }
  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto made = turn.once("made", [&] { return sample(turn.nets, turn.given); });
    Loss loss;
    loss.add("wish", player == "left" ? (made - 1).square().mean()
                                      : (made + 1).square().mean() + turn("own", turn.x()).square().mean());
    return loss;
  }
  Tensor sample(const Nets& nets, const Named& given) const override { return nets.at("common")(given.at("z"), given); }

 private:
  bool shared_;
};

const std::string kRivals = kHead + R"(
[game]
kind = "rivals"
[network.common]
kind = "mlp"
widths = [4]
[player.left]
lr = 1e-3
ema_kimg = 0.1
[player.right]
optimizer = "sgd"
lr = 1e-2
momentum = 0.5
)";

TEST(DeclaredNetworks, OfTwoPlayersMustBeDeclaredSharedAndHaveSlotsForEach) {
  const auto refused = [] {
    const ToyGame toy("rivals", [] { return std::make_unique<Rivals>(false); });
    return error_of([] { const Training training(tiny(kRivals.c_str())); }, Fault::internal);
  }();
  EXPECT_EQ(refused,
            "game \"rivals\": network common is moved by left and right; expected one player, or a shared network");

  const ToyGame toy("rivals", [] { return std::make_unique<Rivals>(true); });
  const auto recipe = tiny(kRivals.c_str());
  Training training(recipe);
  const auto before = training.weights("common").clone();
  training.rounds(1);
  EXPECT_FALSE(torch::equal(training.weights("common"), before));
  const auto file = snapshot(training.trainer);
  // Only the player with an EMA updates it.
  EXPECT_FALSE(torch::equal(file.tensors.at("ema/common/00.dense.weight"), file.tensors.at("common/00.dense.weight")));
  std::set<std::string> names;
  for (const auto& [name, value] : file.tensors)
    if (name.starts_with("optimizer/")) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"optimizer/left/common/mean", "optimizer/left/common/square",
                                          "optimizer/right/common/velocity", "optimizer/right/own/velocity"}));
  Training later(recipe, Trainer::saved_cursor(file));
  later.trainer.load(file);
  training.rounds(3), later.rounds(3);
  expect_same(later.trainer.save(), training.trainer.save());
}

TEST(DeclaredNetworks, OfOneSectionHaveItsKeysAndNoOtherMay) {
  const ToyGame toy("rivals", [] { return std::make_unique<Rivals>(true); });
  const Training training(tiny(kRivals.c_str()));
  // 2 -> 4 -> 2 and 2 -> 4 -> 1, by the same widths.
  EXPECT_EQ(training.trainer.networks().at("common")->parameter_count(), 22);
  EXPECT_EQ(training.trainer.networks().at("own")->parameter_count(), 17);
  EXPECT_EQ(error_of([] { const Training other(tiny((kRivals + "[network.own]\nkind = \"mlp\"\n").c_str())); },
                     Fault::recipe),
            "[network.own]: game \"rivals\" has no such network; it has common");
}

}  // namespace
}  // namespace duet
