// The variational autoencoder with a learned distance.
#include "tests/games/judged.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kVaeGan = R"toml(
batch = 16
[data]
spec = "ring"
[latent]
size = 3
[game]
kind = "vaegan"
features = 4
[network.encoder]
kind = "mlp"
widths = [8]
[network.decoder]
kind = "mlp"
widths = [8]
[network.discriminator]
kind = "layers"
layers = ["dense(4)", "leaky_relu(0.2)", "mark(features)", "dense(1)", "concat(features)"]
[player.encoder]
lr = 1e-3
[player.decoder]
lr = 1e-3
[player.discriminator]
lr = 1e-3
)toml";

Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64);
}

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST(VaeGan, ComparesInTheDiscriminatorsFeaturesAndJudgesReconstructionsAndSamples) {
  const auto game = make_game(tiny(kVaeGan, {"game={kind='vaegan', features=2, gamma=0.1}"}).game);
  Turn turn;
  // The code's mean is x and its deviation one; the discriminator's logit is the first number, its features are both.
  turn.given = {{"x", numbers({1, 2}).view({1, 2})},
                {"z", numbers({-3, 5}).view({1, 2})},
                {"noise", numbers({0.5, -1}).view({1, 2})}};
  turn.nets["encoder"] =
      made_up([](const Tensor& x, const Tensor&) { return torch::cat({x, torch::zeros_like(x)}, 1); });
  turn.nets["decoder"] = made_up([](const Tensor& z, const Tensor&) { return 2 * z; });
  turn.nets["discriminator"] =
      made_up([](const Tensor& x, const Tensor&) { return torch::cat({x.narrow(1, 0, 1), x}, 1); });
  // The reconstruction is (3, 2), the sample (-6, 10).
  const auto total = [&](const std::string& player) { return game->loss(player, turn).total().item<double>(); };
  EXPECT_NEAR(total("encoder"), (1 + 4) / 2.0 + (3 - 1) * (3 - 1) / 2.0, 1e-12);
  EXPECT_NEAR(total("decoder"), 0.1 * 2 + (softplus(-3) + softplus(6)) / 2, 1e-12);
  EXPECT_NEAR(total("discriminator"), softplus(-1) + (softplus(3) + softplus(-6)) / 2, 1e-12);
}

TEST(VaeGan, HasTheGradientsOfItsLosses) {
  auto generator = make_generator(5);
  const auto encoder = normal_leaf({2, 4}, generator), decoder = normal_leaf({2, 2}, generator),
             critic = normal_leaf({2, 3}, generator), x = normal_leaf({3, 2}, generator);
  Turn turn;
  turn.given["x"] = x;
  for (const auto* name : {"z", "noise"}) turn.given[name] = torch::randn({3, 2}, generator, torch::kFloat64);
  turn.nets["encoder"] = made_up([&](const Tensor& x, const Tensor&) { return x.matmul(encoder); });
  turn.nets["decoder"] = made_up([&](const Tensor& z, const Tensor&) { return z.matmul(decoder); });
  turn.nets["discriminator"] = made_up([&](const Tensor& x, const Tensor&) { return x.tanh().matmul(critic); });
  const auto game = make_game(tiny(kVaeGan, {"game={kind='vaegan', features=2, gamma=0.1}"}).game);
  for (const auto* player : {"encoder", "decoder", "discriminator"})
    EXPECT_TRUE(check_gradients([&] { return game->loss(player, turn).total(); }, {encoder, decoder, critic, x}))
        << player;
}

TEST(VaeGan, GoesOnAfterAResumeToTheBit) {
  const auto recipe = tiny(kVaeGan);
  Training training(recipe);
  training.rounds(4);
  expect_goes_on(training, recipe);
}

}  // namespace
}  // namespace duet
