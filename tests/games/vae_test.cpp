// The variational autoencoder, its likelihoods and its estimates, on models whose answers are known.
#include "duet/games/gaussian.h"
#include "duet/games/likelihood.h"
#include "duet/games/measures.h"
#include "tests/data/damage.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64);
}

TEST(Gaussian, DivergesFromTheStandardNormalByTheGoldenValue) {
  const auto code = Gaussian::of(numbers({0.5, -1, 0.2, -0.4}).view({1, 4}));
  EXPECT_NEAR(code.divergence_from_normal().item<double>(), 0.670861, 1e-6);
}

TEST(Gaussian, HasTheDensityThatItsDrawsHave) {
  const Gaussian code{numbers({1, -2}).view({1, 2}), numbers({0.4, -0.6}).view({1, 2})};
  // At a draw the exponent is that of the noise.
  const auto noise = numbers({0.3, -1.1}).view({1, 2});
  const double expected = log_standard_normal(noise).item<double>() - 0.5 * (0.4 - 0.6);
  EXPECT_NEAR(code.log_density(code.at(noise)).item<double>(), expected, 1e-12);
  EXPECT_NEAR(log_standard_normal(noise).item<double>(), -std::log(2 * M_PI) - 0.5 * (0.09 + 1.21), 1e-12);
}

TEST(Gaussian, OfAnEncoderThatSaysHugeNumbersIsFinite) {
  const auto code = Gaussian::of(numbers({1e4, -1e4, 1e4, -1e4}).view({1, 4}));
  EXPECT_TRUE(std::isfinite(code.divergence_from_normal().item<double>()));
  EXPECT_TRUE(code.log_density(code.at(torch::ones({1, 2}, torch::kFloat64))).isfinite().all().item<bool>());
}

TEST(Likelihood, IsThatOfEachPixelOrOfEachNumber) {
  const auto x = numbers({1, 0, 0.25}).view({1, 3}), output = numbers({2, -1, 0.5}).view({1, 3});
  const auto log_s = [](double o) { return -std::log1p(std::exp(-o)); };
  const double bernoulli = log_s(2) + log_s(1) + 0.25 * log_s(0.5) + 0.75 * log_s(-0.5);
  EXPECT_NEAR(LikelihoodConfig{.kind = "bernoulli"}.log_of(x, output).item<double>(), bernoulli, 1e-12);
  const double gaussian = -0.5 * (1 + 1 + 0.0625) / 0.25 - 3 * (0.5 * std::log(2 * M_PI) + std::log(0.5));
  EXPECT_NEAR((LikelihoodConfig{.kind = "gaussian", .deviation = 0.5}.log_of(x, output).item<double>()), gaussian,
              1e-12);
  const auto huge = numbers({1e4, -1e4, 1e4}).view({1, 3});
  EXPECT_NEAR(LikelihoodConfig{.kind = "bernoulli"}.log_of(x, huge).item<double>(), -0.75e4, 1e-6);
}

constexpr const char* kVae = R"toml(
kimg = 1.6
batch = 16
[data]
spec = "bars"
range = "0..1"
[latent]
size = 3
[game]
kind = "vae"
likelihood = "bernoulli"
[network.encoder]
kind = "mlp"
widths = [8]
[network.decoder]
kind = "mlp"
widths = [8]
[player.autoencoder]
lr = 1e-3
)toml";

/// A VAE on vectors whose decoder is linear, x = W z + deviation * noise, and whose encoder gives the exact posterior:
/// the columns of W are orthogonal, so its numbers are independent.
class LinearVae : public testing::Test {
 protected:
  LinearVae() {
    const auto recipe = tiny(kVae, {"game={kind='vae', likelihood='gaussian', deviation=0.5}"});
    game_ = make_game(recipe.game);
    const auto w = torch::cat({torch::eye(2, torch::kFloat64) * 1.5, -torch::eye(2, torch::kFloat64)}, 0);  // [4,2]
    const double precision = 1 + (1.5 * 1.5 + 1) / 0.25;
    nets_["decoder"] = made_up([w](const Tensor& z, const Tensor&) { return z.matmul(w.t()); });
    nets_["encoder"] = made_up([w, precision](const Tensor& x, const Tensor&) {
      const auto mean = x.matmul(w) / (0.25 * precision);
      return torch::cat({mean, torch::full_like(mean, -std::log(precision))}, 1);
    });
    auto generator = make_generator(3);
    given_["x"] = torch::empty({6, 4}, torch::kFloat64).normal_(0, 1.3, generator);
    given_["z"] = torch::empty({6, 2}, torch::kFloat64).normal_(0, 1, generator);
    const auto covariance = w.matmul(w.t()) + 0.25 * torch::eye(4, torch::kFloat64);
    exact_ = -0.5 * (given_["x"].matmul(covariance.inverse()) * given_["x"]).sum(1) -
             0.5 * (4 * std::log(2 * M_PI) + torch::logdet(covariance));
  }
  Tensor measure(const std::string& name) const {
    return dynamic_cast<const Measuring&>(*game_).measure(name, nets_, given_, make_generator(1)).detach();
  }

  std::unique_ptr<Game> game_;
  Nets nets_;
  Named given_;
  Tensor exact_;  // log p(x), in closed form
};

TEST_F(LinearVae, WithTheTruePosteriorHasTheTrueLikelihoodAsItsImportanceBound) {
  EXPECT_LT((measure("log_likelihood") - exact_).abs().max().item<double>(), 1e-9);
}

TEST_F(LinearVae, WithAnotherPosteriorHasATighterBoundByMoreCodes) {
  const auto right = nets_.at("encoder");
  nets_["encoder"] = made_up([right](const Tensor& x, const Tensor&) { return 0.7 * right(x); });
  const auto bound = measure("log_likelihood");
  EXPECT_LT((bound - exact_).abs().max().item<double>(), 0.4);
  double elbo = 0;  // by one code each, many times
  auto generator = make_generator(6);
  for (int i = 0; i < 400; ++i) {
    given_["z"].normal_(0, 1, generator);
    elbo -= measure("negative_elbo").mean().item<double>() / 400;
  }
  EXPECT_GT(bound.mean().item<double>() - elbo, 0.2);
}

TEST_F(LinearVae, HasTheTrueLikelihoodByAnnealing) {
  // Better than one nat for each example (up to 0.25 by other seeds); the encoder has no part in it.
  nets_.erase("encoder");
  const auto off = measure("annealed_likelihood") - exact_;
  EXPECT_LT(off.abs().max().item<double>(), 0.5);
  EXPECT_LT(std::abs(off.mean().item<double>()), 0.2);
}

TEST_F(LinearVae, ByAnnealingOfFewDistributionsIsBelow) {
  const auto x = given_.at("x");
  const LikelihoodConfig likelihood{.kind = "gaussian", .deviation = 0.5};
  const auto estimate = [&](const Annealing& how) {
    const Decoder decoder{
        [&](const Tensor& z) { return likelihood.log_of(x.repeat({how.chains, 1}), nets_.at("decoder")(z)); }, 6, 2,
        x.options()};
    return annealed_likelihood(decoder, make_generator(1), how);
  };
  EXPECT_LT(estimate({.chains = 1, .distributions = 2}).mean().item<double>(), exact_.mean().item<double>() - 1);
  EXPECT_NEAR(estimate({.chains = 4, .distributions = 100}).mean().item<double>(), exact_.mean().item<double>(), 0.4);
}

TEST(Vae, HasTheGradientsOfItsLoss) {
  auto generator = make_generator(5);
  const auto encoder = normal_leaf({4, 4}, generator), decoder = normal_leaf({2, 4}, generator);
  Turn turn;
  turn.nets["encoder"] = made_up([&](const Tensor& x, const Tensor&) { return x.matmul(encoder); });
  turn.nets["decoder"] = made_up([&](const Tensor& z, const Tensor&) { return z.matmul(decoder); });
  turn.given["z"] = torch::empty({3, 2}, torch::kFloat64).normal_(0, 1, generator);
  const auto x = torch::rand({3, 4}, generator, torch::kFloat64).requires_grad_();
  turn.given["x"] = x;
  for (const auto* keys : {"{kind='vae', likelihood='bernoulli', beta=0.7}",
                           "{kind='vae', likelihood='gaussian', deviation=0.4, noise=0.3}"}) {
    const auto game = make_game(tiny(kVae, {fmt::format("game={}", keys)}).game);
    const auto loss = [&] {
      turn.noise = make_generator(9);
      return game->loss("autoencoder", turn).total();
    };
    EXPECT_TRUE(check_gradients(loss, {encoder, decoder, x})) << keys;
  }
}

TEST(Vae, LosesTheBoundOfItsPaper) {
  // -log p(x | z) + KL, with the code at mean + deviation * z.
  const auto game = make_game(tiny(kVae).game);
  Turn turn;
  turn.given = {{"x", numbers({1, 0}).view({1, 2})}, {"z", numbers({2, -1}).view({1, 2})}};
  turn.nets["encoder"] =
      made_up([](const Tensor&, const Tensor&) { return numbers({0.5, -1, 0.2, -0.4}).view({1, 4}); });
  turn.nets["decoder"] = made_up([](const Tensor& z, const Tensor&) { return z; });
  const double a = 0.5 + 2 * std::exp(0.1), b = -1 - std::exp(-0.2);
  EXPECT_NEAR(game->loss("autoencoder", turn).total().item<double>(),
              std::log1p(std::exp(-a)) + std::log1p(std::exp(b)) + 0.670861, 1e-6);
}

TEST(Vae, SamplesFromThePriorAndNotFromTheLastBatch) {
  const auto game = make_game(tiny(kVae).game);
  Nets nets;
  nets["decoder"] = made_up([](const Tensor& z, const Tensor&) { return z; });
  const auto z = numbers({0.3, -2, 1}).view({1, 3});
  EXPECT_TRUE(torch::equal(game->sample(nets, {{"z", z}}), z.sigmoid())) << "and it needs no encoder";
  EXPECT_EQ(game->spec({.shape = {2, 1, 1}}, {.size = 3}).samples, std::vector<std::string>{"decoder"});
}

TEST(Vae, WithNoiseShowsTheEncoderNoisyExamplesWithinTheirRangeAndWantsCleanOnes) {
  const auto game = make_game(tiny(kVae, {"game.noise=0.5"}).game);
  Turn turn;
  turn.noise = make_generator(1);
  turn.given = {{"x", torch::full({50, 4}, 0.9, torch::kFloat64)}, {"z", torch::zeros({50, 2}, torch::kFloat64)}};
  Tensor seen;
  turn.nets["encoder"] = made_up([&](const Tensor& x, const Tensor&) { return seen = x, torch::zeros_like(x); });
  turn.nets["decoder"] =
      made_up([&](const Tensor& z, const Tensor&) { return torch::full({z.size(0), 4}, 1.5, torch::kFloat64); });
  const double loss = game->loss("autoencoder", turn).total().item<double>();
  EXPECT_GT(seen.std().item<double>(), 0.1);
  EXPECT_EQ(seen.max().item<double>(), 1);
  EXPECT_GE(seen.min().item<double>(), 0);
  EXPECT_NEAR(loss, 4 * (std::log1p(std::exp(1.5)) - 0.9 * 1.5), 1e-9);
}

TEST(Vae, RefusesPixelsOutsideZeroToOneAndOtherPriors) {
  const auto refusal = [](const std::vector<std::string>& keys) {
    return error_of([&] { Training training(tiny(kVae, keys)); }, Fault::recipe);
  };
  EXPECT_NE(refusal({"data.range='-1..1'"}).find("expected data.range = \"0..1\""), std::string::npos);
  EXPECT_NE(refusal({"latent.kind='uniform'"}).find("expected \"normal\""), std::string::npos);
}

TEST(Vae, GoesOnAfterAResumeToTheBit) {
  const auto recipe = tiny(kVae, {"game.noise=0.25", "game.beta={shape='linear', from=0, to=1, end=0.1}"});
  Training training(recipe);
  training.rounds(4);
  expect_goes_on(training, recipe);
}

}  // namespace
}  // namespace duet
