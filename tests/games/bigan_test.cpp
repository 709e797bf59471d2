// The game of a generator and an encoder against a discriminator of examples with their codes.
#include "tests/games/judged.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kTinyBigan = R"toml(
batch = 16
seed = 4
[data]
spec = "ring"
[latent]
size = 3
[game]
kind = "bigan"
[network.generator]
kind = "mlp"
widths = [8]
[network.encoder]
kind = "mlp"
widths = [8]
[network.discriminator]
kind = "layers"
layers = ["concat(code)", "dense(8)", "leaky_relu(0.2)", "dense(1)"]
[player.generator]
lr = 1e-2
[player.discriminator]
lr = 1e-2
)toml";

Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64);
}

double softplus(double x) { return std::log1p(std::exp(x)); }

/// Examples 1, 2, 3 with codes of -1 times them, fakes 4, 5, 6 of z = 7, 8, 9; the score of a pair is x - 0.5 code.
class BiganTurn : public testing::Test {
 protected:
  explicit BiganTurn(const std::string& objective = "vanilla") {
    game_ = make_game(tiny(kTinyBigan, {"game.objective=" + objective}).game);
    turn_ = turn_on(numbers({1, 2, 3}).view({3, 1}), numbers({4, 5, 6}).view({3, 1}), make_generator(1));
    turn_.given["z"] = numbers({7, 8, 9}).view({3, 1});
    // A single number comes as [N].
    turn_.nets["encoder"] = made_up([](const Tensor& x, const Tensor&) { return -x.flatten(); });
    turn_.nets["discriminator"] = Net([](const Tensor& x, const Named& with, int64_t) {
      EXPECT_EQ(with.at("code").sizes(), x.sizes());
      return (x - 0.5 * with.at("code")).flatten();
    });
  }
  std::unique_ptr<Game> game_;
  Turn turn_;
};

TEST_F(BiganTurn, JudgesExamplesWithTheirCodesAgainstFakesWithTheirLatents) {
  // Scores of real pairs 1.5, 3, 4.5, of made ones 0.5, 1, 1.5; the loss of generator and encoder has the sides
  // exchanged.
  const double real[] = {1.5, 3, 4.5}, made[] = {0.5, 1, 1.5};
  double d = 0, g = 0;
  for (int i = 0; i < 3; ++i) {
    d += (softplus(-real[i]) + softplus(made[i])) / 3;
    g += (softplus(-made[i]) + softplus(real[i])) / 3;
  }
  const auto loss = game_->loss("discriminator", turn_);
  EXPECT_NEAR(loss.total().item<double>(), d, 1e-12);
  EXPECT_NEAR(game_->loss("generator", turn_).total().item<double>(), g, 1e-12);
  ASSERT_GE(loss.watched.size(), 2u);
  EXPECT_NEAR(loss.watched[0].value.item<double>(), 3, 1e-12) << "logit_real";
  EXPECT_NEAR(loss.watched[1].value.item<double>(), 1, 1e-12) << "logit_fake";
}

TEST_F(BiganTurn, WatchesHowFarWhatIsMadeOfACodeIsFromItsExample) {
  turn_.nets["generator"] = made_up([](const Tensor& code, const Tensor&) { return 2 * code; });
  const auto loss = game_->loss("discriminator", turn_);
  ASSERT_EQ(loss.watched.back().name, "reconstruction");
  EXPECT_NEAR(loss.watched.back().value.item<double>(), 9 * (1 + 4 + 9) / 3.0, 1e-12) << "-2 x against x";
}

TEST_F(BiganTurn, NeedsALimitWhereItsObjectiveDoes) {
  EXPECT_EQ(game_->needs().at("discriminator").lipschitz, "");
  EXPECT_EQ(make_game(tiny(kTinyBigan, {"game.objective=wgan"}).game)->needs().at("discriminator").lipschitz,
            "game.objective = \"wgan\"");
}

TEST(Bigan, OfOneLatentGoesOnAfterAResumeToTheBit) {
  const auto recipe = tiny(kTinyBigan, {"latent.size=1", "player.generator.steps=2"});
  Training training(recipe);
  training.rounds(3);
  EXPECT_EQ(training.feed.cursor(), 3 * 16) << "generator and encoder keep the batch when they move again";
  expect_goes_on(training, recipe);
}

TEST(Bigan, AveragesBothNetworksOfAPlayer) {
  Training training(tiny(kTinyBigan, {"player.generator.ema_kimg=0.048"}));
  for (const char* name : {"generator", "encoder"}) EXPECT_TRUE(training.trainer.weights(name).ema().defined());
  auto expected = training.weights("encoder").clone();
  for (int i = 1; i <= 40; ++i) {
    training.rounds(1);
    const double keep = std::exp2(-0.016 / std::min(0.048, 0.05 * 0.016 * i));
    expected = keep * expected + (1 - keep) * training.weights("encoder");
  }
  EXPECT_TRUE(torch::allclose(training.trainer.weights("encoder").ema(), expected, 1e-5, 1e-6));
}

TEST(Bigan, LeavesTheGeneratorsStatisticsToItsSamples) {
  // Codes lie about 1000, latents about 0: what is watched of the codes must not enter what samples go by.
  const auto recipe = tiny(
      kTinyBigan, {"network.generator.kind=layers", "network.generator.layers=['batch_norm(momentum=1)', 'dense(2)']",
                   "network.encoder.kind=layers", "network.encoder.layers=['dense(3, bias_init=1000)']"});
  Training training(recipe);
  training.rounds(2);
  const auto mean = training.trainer.save().tensors.at("generator/00.batch_norm.mean");
  EXPECT_LT(mean.abs().max().item<double>(), 3);
}

}  // namespace
}  // namespace duet
