#include "tests/games/in_double.h"
#include "tests/games/judged.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kModes = R"toml(
batch = 16
seed = 3
[data]
spec = "ring"
[latent]
size = 2
[game]
kind = "mode_regularised"
distance = 0.5
judged = 0.25
[network.generator]
kind = "mlp"
widths = [8]
[network.encoder]
kind = "mlp"
widths = [8]
[network.discriminator]
kind = "mlp"
widths = [8]
)toml";
const std::string kTwoSteps = std::string(kModes) + "[network.diffusion]\nkind = 'mlp'\nwidths = [8]\n";

double value(const Tensor& x) { return x.item<double>(); }

/// Reconstructions are x - 1, samples are z + 5, and every discriminator's logit is an example's first number.
void make_simple(InDouble& on) {
  on.turn.nets["encoder"] = made_up([](const Tensor& x, const Tensor&) { return x - 6; });
  on.turn.nets["generator"] = made_up([](const Tensor& z, const Tensor&) { return z + 5; });
  for (const char* name : {"discriminator", "diffusion"})
    on.turn.nets[name] = made_up([](const Tensor& x, const Tensor&) { return x.select(1, 0); });
}

double as_real(const Tensor& logits) { return value(torch::softplus(-logits).mean()); }
double as_fake(const Tensor& logits) { return value(torch::softplus(logits).mean()); }

TEST(ModeRegularised, WantsReconstructionsNearAndJudgedReal) {
  InDouble on(kModes, points_of_three_classes());
  make_simple(on);
  const auto x = on.turn.x().select(1, 0), again = x - 1, made = on.turn.given.at("z").select(1, 0) + 5;
  const auto loss = on.loss("generator");
  EXPECT_NEAR(value(named(loss, "distance")), 2, 1e-12) << "summed over both numbers";
  EXPECT_NEAR(value(loss.total()), as_real(made) + 0.5 * 2 + 0.25 * as_real(again), 1e-12);
  EXPECT_NEAR(value(on.loss("discriminator").total()), as_real(x) + as_fake(made), 1e-12);
  // A higher logit of reconstructions is better: minimising +log D, as in the seed, would push it down.
  const auto slope = [&](const std::string& literal) {
    InDouble with(kModes, points_of_three_classes(), {"game.literal=" + literal});
    auto shift = torch::zeros({}, torch::kFloat64).requires_grad_();
    make_simple(with);
    with.turn.nets["encoder"] = made_up([&](const Tensor& seen, const Tensor&) { return seen - 6 + shift; });
    const auto judged = with.loss("generator").terms.back();
    return judged.weight * value(torch::autograd::grad({judged.value}, {shift})[0]);
  };
  EXPECT_LT(slope("false"), 0);
  EXPECT_NEAR(slope("true"), -slope("false"), 1e-12);
}

TEST(ModeRegularised, InTwoStepsComparesSamplesWithReconstructions) {
  InDouble on(kTwoSteps, points_of_three_classes(), {"game.steps=manifold_diffusion"});
  ASSERT_EQ(on.spec.players.size(), 3u);
  make_simple(on);
  const auto x = on.turn.x().select(1, 0), again = x - 1, made = on.turn.given.at("z").select(1, 0) + 5;
  EXPECT_NEAR(value(on.loss("discriminator").total()), as_real(x) + as_fake(again), 1e-12);
  EXPECT_NEAR(value(on.loss("diffusion").total()), as_real(again) + as_fake(made), 1e-12);
  EXPECT_NEAR(value(on.loss("generator").total()), as_real(made) + 0.5 * 2 + 0.25 * as_real(again), 1e-12);
}

TEST(ModeRegularised, GoesOnAfterAResumeToTheBit) {
  for (const auto& recipe :
       {tiny(kModes), tiny(kTwoSteps.c_str(), {"game.steps=manifold_diffusion", "game.lecam=1"})}) {
    Training training(recipe);
    training.rounds(4);
    expect_goes_on(training, recipe);
  }
}

TEST(ModeRegularised, MovesEachOfItsThreePlayersAlone) {
  for (const auto* mover : {"discriminator", "diffusion", "generator"}) {
    Training training(tiny(kTwoSteps.c_str(), {"game.steps=manifold_diffusion", "turns.order=list",
                                               fmt::format("turns.list=['{}']", mover)}));
    std::map<std::string, Tensor> before;
    for (const auto* name : {"discriminator", "diffusion", "generator", "encoder"})
      before[name] = training.weights(name).clone();
    training.rounds(2);
    for (const auto& [name, weights] : before)
      EXPECT_EQ(!torch::equal(training.weights(name), weights), training.trainer.player(mover).owns(name))
          << mover << "'s turn: " << name;
  }
}

}  // namespace
}  // namespace duet
