// Adversarial variational Bayes, on a model whose posterior is known in closed form.
#include "duet/data/tensors.h"
#include "duet/games/measures.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

// x = 1.5 z + 1.2 noise with z ~ N(0, 1); the encoder's codes a x + b noise are the exact posterior's.
constexpr const char* kLinear = R"toml(
batch = 512
seed = 2
[data]
spec = "gaussians1d"
standardise = "never"
[latent]
size = 1
[game]
kind = "avb"
likelihood = "gaussian"
deviation = 1.2
noise = 1
[turns]
order = "list"
list = ["discriminator"]
[network.encoder]
kind = "layers"
layers = ["concat(noise)", "dense(1, bias=false)"]
[network.decoder]
kind = "layers"
layers = ["dense(1, bias=false)"]
[network.discriminator]
kind = "layers"
layers = ["concat(code)", "dense(48)", "leaky_relu(0.2)", "dense(48)", "leaky_relu(0.2)", "dense(1)"]
[player.autoencoder]
lr = 1e-3
[player.discriminator]
lr = {shape = "cosine", from = 5e-3, to = 1e-5, end = 1024}
)toml";

constexpr double kSlope = 1.5, kVariance = 1.2 * 1.2;

TEST(Slow_Avb, FindsTheDensityRatioAndTheLikelihoodOfALinearModel) {
  const auto recipe = tiny(kLinear);
  Training training(recipe);
  const double precision = 1 + kSlope * kSlope / kVariance;
  const double share = kSlope / (kVariance * precision), deviation = 1 / std::sqrt(precision);
  {
    const torch::NoGradGuard no_grad;
    Tensor encoder = training.weights("encoder"), decoder = training.weights("decoder");
    encoder.copy_(torch::tensor({share, deviation}));
    decoder.fill_(kSlope);
  }
  training.rounds(2'000);
  auto generator = make_generator(8);
  const int64_t n = 4'000;
  const auto x = to_values(read_examples(*training.data.split.held_out, 0, n), {}).flatten(1);
  const auto noise = torch::empty({n, 1}).normal_(0, 1, generator);
  const auto z = share * x + deviation * noise;
  Pass pass;
  const torch::NoGradGuard no_grad;
  const auto found = training.trainer.networks().at("discriminator")->forward(x, {{"code", z}}, pass);
  const auto exact = (0.5 * (z.square() - noise.square()) - std::log(deviation)).flatten();
  EXPECT_LT((found - exact).abs().mean().item<double>(), 0.1) << "T against log q - log p";
  const auto likelihood = (-0.5 * ((x - kSlope * z).square() / kVariance + std::log(2 * M_PI * kVariance))).flatten();
  const double total = kSlope * kSlope + kVariance;
  const auto evidence = (-0.5 * (x.square() / total + std::log(2 * M_PI * total))).flatten();
  EXPECT_NEAR((likelihood - found).mean().item<double>(), evidence.mean().item<double>(), 1.0) << "ELBO";
  EXPECT_NEAR((likelihood - found).mean().item<double>(), evidence.mean().item<double>(), 0.1) << "and much closer";
}

TEST(Avb, HasTheGradientsOfItsLosses) {
  auto generator = make_generator(5);
  const auto encoder = normal_leaf({2, 2}, generator), decoder = normal_leaf({2, 2}, generator),
             critic = normal_leaf({4}, generator), x = normal_leaf({3, 2}, generator);
  Turn turn;
  turn.given["x"] = x;
  for (const auto* name : {"z", "noise"}) turn.given[name] = torch::randn({3, 2}, generator, torch::kFloat64);
  turn.nets["encoder"] =
      Net([&](const Tensor& x, const Named& with, int64_t) { return x.matmul(encoder) * with.at("noise"); });
  turn.nets["decoder"] = made_up([&](const Tensor& z, const Tensor&) { return z.matmul(decoder); });
  turn.nets["discriminator"] = Net([&](const Tensor& x, const Named& with, int64_t) {
    return torch::cat({x, with.at("code")}, 1).tanh().matmul(critic);
  });
  const auto game = make_game(tiny(kLinear, {"game={kind='avb', likelihood='gaussian', deviation=0.5, noise=2}"}).game);
  for (const auto* player : {"autoencoder", "discriminator"})
    EXPECT_TRUE(check_gradients([&] { return game->loss(player, turn).total(); }, {encoder, decoder, critic, x}))
        << player;
}

TEST(Avb, TellsPosteriorFromPriorAndPaysForTheDifference) {
  const auto game = make_game(tiny(kLinear, {"game={kind='avb', likelihood='gaussian', deviation=1, noise=1}"}).game);
  Turn turn;
  const auto number = [](double value) { return torch::full({1, 1}, value, torch::kFloat64); };
  turn.given = {{"x", number(2)}, {"z", number(-1)}, {"noise", number(0.5)}};
  turn.nets["encoder"] = Net([](const Tensor& x, const Named& with, int64_t) { return x + with.at("noise"); });
  turn.nets["decoder"] = made_up([](const Tensor& z, const Tensor&) { return z + 1; });
  turn.nets["discriminator"] = Net([](const Tensor&, const Named& with, int64_t) { return with.at("code").flatten(); });
  // T is 2.5 of the posterior's code and -1 of the prior's; the reconstruction is 3.5.
  const double likelihood = -0.5 * 1.5 * 1.5 - 0.5 * std::log(2 * M_PI);
  EXPECT_NEAR(game->loss("discriminator", turn).total().item<double>(),
              std::log1p(std::exp(-2.5)) + std::log1p(std::exp(-1)), 1e-12);
  EXPECT_NEAR(game->loss("autoencoder", turn).total().item<double>(), 2.5 - likelihood, 1e-12);
  EXPECT_NEAR(dynamic_cast<const Measuring&>(*game).measure("negative_elbo", turn.nets, turn.given, {}).item<double>(),
              2.5 - likelihood, 1e-12);
}

TEST(Avb, GoesOnAfterAResumeToTheBit) {
  const auto recipe = tiny(kLinear, {"turns={order='alternating'}", "batch=16"});
  Training training(recipe);
  training.rounds(4);
  expect_goes_on(training, recipe);
}

}  // namespace
}  // namespace duet
