// The game of a generator of zeros and ones.
#include "duet/games/binary.h"
#include "tests/games/judged.h"
#include "tests/games/tiny_bits.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kDiscrete = R"toml(
[latent]
size = 4
[game]
kind = "discrete"
[network.generator]
kind = "mlp"
widths = [32]
[network.discriminator]
kind = "mlp"
widths = [32]
[player.generator]
lr = 3e-3
[player.discriminator]
lr = 3e-3
)toml";

/// The game with a generator of these logits [N,F], and a discriminator of this score.
struct Judged {
  Judged(const Tensor& logits, const std::function<Tensor(const Tensor& x)>& score, int64_t draws)
      : game(make_game(tiny(kDiscrete, {fmt::format("game.draws={}", draws)}).game)) {
    turn = turn_on(Tensor(), logits, make_generator(3));
    turn.nets["discriminator"] = made_up([score](const Tensor& x, const Tensor&) { return score(x); });
  }
  std::unique_ptr<Game> game;
  Turn turn;
};

TEST(Discrete, RaisesTheProbabilityOfDrawsByTheirSharesOfTheDiscriminatorsOdds) {
  const auto logits = torch::tensor({{0.3, -0.4}, {1.0, 0.2}}, torch::kFloat64).requires_grad_();
  Judged judged(logits, [](const Tensor& x) { return x.select(1, 0) * 2 - x.select(1, 1); }, 3);
  const auto loss = judged.game->loss("generator", judged.turn);
  // The same draws, by the formula, one number after the other.
  const Noise noise{make_generator(3)};
  double expected = 0;
  std::vector<Tensor> draws;
  for (int i = 0; i < 3; ++i) draws.push_back(draw_bits(logits, noise));
  for (int64_t n = 0; n < 2; ++n) {
    double all = 0, sum = 0;
    for (const auto& x : draws) {
      const double a = x[n][0].item<double>(), b = x[n][1].item<double>(), odds = std::exp(2 * a - b);
      double likely = 0;
      for (int64_t k = 0; k < 2; ++k) {
        const double p = 1 / (1 + std::exp(-logits[n][k].item<double>()));
        likely += std::log(x[n][k].item<double>() > 0 ? p : 1 - p);
      }
      all += odds, sum += odds * likely;
    }
    expected -= sum / all / 2;
  }
  EXPECT_NEAR(loss.total().item<double>(), expected, 1e-12);
}

TEST(Discrete, OfManyDrawsMovesTowardsTheDataThatTheDiscriminatorsOddsMean) {
  // With D = log p / q the gradient of the exact loss is that of cross entropy with p: q - p, for one bit.
  for (const double q : {0.3, 0.9}) {
    constexpr double p = 0.6;
    const auto logits = torch::logit(torch::full({1, 1}, q, torch::kFloat64)).requires_grad_();
    const double on = std::log(p / q), off = std::log((1 - p) / (1 - q));
    Judged judged(logits, [=](const Tensor& x) { return (x * on + (1 - x) * off).flatten(); }, 20'000);
    judged.game->loss("generator", judged.turn).total().backward();
    EXPECT_NEAR(logits.grad().item<double>(), q - p, 0.02) << q;
  }
}

TEST(Discrete, StaysFiniteWithScoresAndLogitsOfTenThousand) {
  const auto logits = torch::tensor({{1e4, -1e4, 0.0}}, torch::kFloat64).requires_grad_();
  Judged judged(logits, [](const Tensor& x) { return (x.select(1, 2) - 0.5) * 2e4; }, 4);
  const auto loss = judged.game->loss("generator", judged.turn).total();
  EXPECT_TRUE(std::isfinite(loss.item<double>()));
  loss.backward();
  EXPECT_TRUE(torch::isfinite(logits.grad()).all().item<bool>());
}

TEST(Discrete, LearnsBarsOfZerosAndOnesAndGoesOnAfterAResumeToTheBit) {
  const Bars bars;
  const auto recipe = bars.recipe(kDiscrete);
  Training training(recipe);
  const auto share_of_bars = [&] {
    Sampler sampler(recipe, training.data.facts);
    sampler.load(training.trainer);
    const auto x = sampler.sample_values({.count = 1000, .seed = 4});
    EXPECT_TRUE(((x == 0) | (x == 1)).all().item<bool>());
    return (x.narrow(1, 0, 3) == x.narrow(1, 3, 3)).all(1).to(torch::kFloat64).mean().item<double>();
  };
  EXPECT_LT(share_of_bars(), 0.3) << "an eighth by chance";
  training.rounds(400);
  expect_goes_on(training, recipe);
  training.rounds(800);
  EXPECT_GT(share_of_bars(), 0.9);
}

}  // namespace
}  // namespace duet
