// Drawn codes and chains of the bidirectional GAN (GibbsNet), and who moves in whose turn.
#include "tests/data/damage.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kBigan = R"toml(
batch = 16
[data]
spec = "ring"
[latent]
size = 3
[game]
kind = "bigan"
[network.generator]
kind = "mlp"
widths = [8]
norm = "batch_norm"
[network.encoder]
kind = "mlp"
widths = [8]
norm = "batch_norm"
[network.discriminator]
kind = "layers"
layers = ["concat(code)", "dense(8)", "leaky_relu(0.2)", "dense(1)"]
[player.generator]
lr = 1e-2
[player.discriminator]
lr = 1e-2
)toml";

// The seed also stepped the generator on the discriminator's loss (ali_bigan_pytorch.py:83, gibbsnet_pytorch.py:90).
TEST(Gibbs, MovesNeitherGeneratorNorEncoderWhileTheDiscriminatorLearns) {
  for (const auto* chain : {"game.chain=0", "game.chain=3"}) {
    Training training(tiny(kBigan, {"turns={order='list', list=['discriminator']}", chain}));
    const auto before = snapshot(training.trainer);
    training.rounds(3);
    const auto after = training.trainer.save();
    bool learned = false;
    for (const auto& [name, value] : before.tensors) {
      const bool same = torch::equal(value, after.tensors.at(name));
      if (name.starts_with("generator/") || name.starts_with("encoder/")) {
        EXPECT_TRUE(same) << name << " with " << chain;
      }
      learned = learned || (name.starts_with("discriminator/") && !same);
    }
    EXPECT_TRUE(learned);
  }
}

Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64);
}

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST(Gibbs, JudgesTheEndOfItsChainWithTheExampleThatComesOfIt) {
  const auto loss = [](const std::string& keys, const std::string& player) {
    Turn turn;
    turn.given = {{"x", numbers({2}).view({1, 1})},
                  {"z", numbers({1}).view({1, 1})},
                  {"noise", numbers({0.5, -1, 2}).view({1, 3})}};
    turn.nets["generator"] = made_up([](const Tensor& z, const Tensor&) { return 2 * z; });
    const bool stochastic = keys.find("stochastic") != std::string::npos;
    turn.nets["encoder"] = made_up([stochastic](const Tensor& x, const Tensor&) {
      return stochastic ? torch::cat({x - 1, torch::zeros_like(x)}, 1) : x - 1;
    });
    turn.nets["discriminator"] =
        Net([](const Tensor& x, const Named& with, int64_t) { return (x - 3 * with.at("code")).flatten(); });
    const auto game = make_game(tiny(kBigan, {"game={kind='bigan'" + keys + "}"}).game);
    return game->loss(player, turn).total().item<double>();
  };
  // The example's pair is (2, 1); z = 1 goes to 2 and back to 1.
  EXPECT_NEAR(loss(", chain=2", "discriminator"), softplus(1) + softplus(-1), 1e-12);
  EXPECT_NEAR(loss(", chain=2", "generator"), softplus(-1) + softplus(1), 1e-12);
  // With numbers: the pair is (2, 1.5), and z = 1 becomes 1 - 1, then -1 + 2.
  EXPECT_NEAR(loss(", chain=2, stochastic=true", "discriminator"), softplus(2.5) + softplus(2 - 3), 1e-12);
}

TEST(Gibbs, LearnsThroughItsWholeChain) {
  auto generator = make_generator(5);
  const auto encoder = normal_leaf({2, 4}, generator), decoder = normal_leaf({2, 2}, generator),
             critic = normal_leaf({4}, generator), x = normal_leaf({3, 2}, generator);
  Turn turn;
  turn.given = {{"x", x},
                {"z", torch::randn({3, 2}, generator, torch::kFloat64)},
                {"noise", torch::randn({3, 6}, generator, torch::kFloat64)}};
  turn.nets["encoder"] = made_up([&](const Tensor& x, const Tensor&) { return x.tanh().matmul(encoder); });
  turn.nets["generator"] = made_up([&](const Tensor& z, const Tensor&) { return z.tanh().matmul(decoder); });
  turn.nets["discriminator"] = Net([&](const Tensor& x, const Named& with, int64_t) {
    return torch::cat({x, with.at("code")}, 1).tanh().matmul(critic);
  });
  const auto game = make_game(tiny(kBigan, {"game={kind='bigan', chain=2, stochastic=true}"}).game);
  for (const auto* player : {"generator", "discriminator"})
    EXPECT_TRUE(check_gradients([&] { return game->loss(player, turn).total(); }, {encoder, decoder, critic, x}))
        << player;
}

TEST(Gibbs, GoesOnWithAChainAfterAResumeToTheBit) {
  const auto recipe = tiny(kBigan, {"game.chain=2", "game.stochastic=true"});
  Training training(recipe);
  training.rounds(4);
  expect_goes_on(training, recipe);
}

TEST(Gibbs, MakesSamplesThroughItsChain) {
  const auto recipe = tiny(kBigan, {"game.chain=2"});
  Training training(recipe);
  training.rounds(2);
  Sampler with(recipe, training.data.facts);
  with.load(training.trainer);
  const auto plain = tiny(kBigan);
  Sampler without(plain, training.data.facts);
  without.load(snapshot(training.trainer));
  EXPECT_FALSE(torch::equal(with.sample({.count = 4}), without.sample({.count = 4})));
}

}  // namespace
}  // namespace duet
