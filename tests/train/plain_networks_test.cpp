// Networks without parameters, beside networks with parameters, and players without any.
#include "tests/train/tiny.h"
#include "tests/train/toy_game.h"

namespace duet {
namespace {

/// An artist whose samples go through a second network of its, and a critic who is told how far z reaches.
class Framed final : public Game {
 public:
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    return {.players = {{"artist", {"draft", "frame"}}, {"critic", {"critic"}}},
            .networks = {{.name = "draft", .input = {latent.size, 1, 1}, .output = data.shape},
                         {.name = "frame", .input = data.shape, .output = data.shape, .makes = "x"},
                         {.name = "critic", .input = data.shape, .output = {1, 1, 1}, .with = {{"reach", {1, 1, 1}}}}},
            .latents = {{"z", latent}},
            .samples = {"draft", "frame"}};
  }
  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto made = turn.once("made", [&] { return sample(turn.nets, turn.given); });
    auto with = turn.given;
    with["reach"] = turn.given.at("z").norm(2, 1);
    const auto& critic = turn.nets.at("critic");
    Loss loss;
    if (player == "artist")
      loss.add("wish", torch::softplus(-critic(made, with)).mean());
    else
      loss.add("wish", (torch::softplus(critic(made, with)) + torch::softplus(-critic(turn.x(), with))).mean());
    return loss;
  }
  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("frame")(nets.at("draft")(given.at("z"), given), given);
  }
};

const std::string kFramed = R"toml(
kimg = 1
batch = 16
seed = 3
[data]
spec = "ring"
[latent]
size = 2
[game]
kind = "framed"
[network.draft]
kind = "mlp"
widths = [4]
[network.frame]
kind = "layers"
layers = []
[network.critic]
kind = "layers"
layers = ["concat(reach)", "dense(4)", "relu", "dense(1)"]
[player.artist]
ema_kimg = 0.1
)toml";

std::string refusal(const std::vector<std::string>& overrides) {
  try {
    const Training training(tiny(kFramed.c_str(), overrides));
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

class PlainNetworks : public testing::Test {
 protected:
  FreshFolder folder_;

 private:
  const ToyGame toy_{"framed", [] { return std::make_unique<Framed>(); }};
};

TEST_F(PlainNetworks, TrainSampleAndGoOnToTheBitWithEveryOptimizer) {
  for (const std::string more :
       {"player.artist.optimizer='adam'", "player.artist.optimizer='sgd'", "player.artist.optimizer='rmsprop'",
        "player.artist.clip_norm=1", "player.artist.max_column_norm=1", "precision='fp64'", "player.critic.unroll=2",
        "network.frame.layers=['flatten']", "network.draft={kind='layers', layers=[]}"}) {
    SCOPED_TRACE(more);
    // Where the draft is plain, the frame has something to learn.
    const auto frame = more.starts_with("network.draft") ? "network.frame.layers=['dense(2)']" : "kimg=1";
    const auto recipe = tiny(kFramed.c_str(), {more, frame});
    Training training(recipe);
    const auto before = training.weights("critic").clone();
    training.rounds(4);
    training.trainer.read();
    EXPECT_FALSE(torch::equal(training.weights("critic"), before));
    const auto file = snapshot(training.trainer);
    write_tensors(folder_ / "model.safetensors", file);
    const auto read = read_tensors(folder_ / "model.safetensors");
    Training later(recipe, Trainer::saved_cursor(read));
    later.trainer.load(read);
    training.rounds(3), later.rounds(3);
    expect_same(later.trainer.save(), training.trainer.save());
    Sampler sampler(recipe, training.data.facts);
    sampler.load(training.trainer);
    const auto z = sampler.latents(5, 1, 0);
    EXPECT_EQ(sampler.generate(z, {}).sizes(), (torch::IntArrayRef{5, 2}));
  }
}

TEST_F(PlainNetworks, LeaveAPlayerSomethingToLearn) {
  EXPECT_EQ(refusal({"network.draft={kind='layers', layers=[]}"}),
            "[network.draft], [network.frame]: none of their layers has parameters, so there is nothing to learn for "
            "player artist; expected at least one that has, such as dense or conv");
  EXPECT_EQ(refusal({"network.critic.layers=['concat(reach)', 'maxout(3)']"}),
            "[network.critic]: none of its layers has parameters, so there is nothing to learn; expected at least one "
            "that has, such as dense or conv");
}

TEST_F(PlainNetworks, MustReadWhatTheGameGivesThem) {
  EXPECT_EQ(
      refusal({"network.critic={kind='mlp'}"}),
      "[network.critic]: none of its layers reads 'reach' (1), which the game gives it beside its input; expected "
      "one that does, such as concat(reach) in its list of layers (kind = \"layers\")");
}

TEST_F(PlainNetworks, NameThePlayersOfTheGameInTheirTurns) {
  EXPECT_EQ(refusal({"network.critic.layers=['concat(reach)', 'dropout(0.5, turns=discriminator)', 'dense(1)']"}),
            "[network.critic] layer 1: 'dropout(0.5, turns=discriminator)': the game has no player 'discriminator'; "
            "expected one of artist, critic");
  EXPECT_EQ(refusal({"network.critic.layers=['concat(reach)', 'dropout(0.5, turns=critic)', 'dense(1)']"}),
            "(accepted)");
}

}  // namespace
}  // namespace duet
