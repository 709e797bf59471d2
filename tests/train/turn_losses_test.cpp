// What each player minimises, recomputed from its networks, its batch and its noise.
#include <cmath>

#include "duet/data/tensors.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// Digits with labels and batch norm in both networks: in evaluation mode each would give something else.
Recipe moving_only(const std::string& player) {
  return tiny(kTinyDigits, {"turns.order=list", "turns.list=['" + player + "']", "game.instance_noise=0",
                            "network.generator.init='normal(0.3)'", "network.discriminator.kind=layers",
                            "network.discriminator.layers=['flatten', 'dense(8)', 'batch_norm', 'leaky_relu(0.2)', "
                            "'dense(1)']"});
}

/// The batch and the fakes of the round that comes next.
struct Next {
  explicit Next(Training& training, const Recipe& recipe) {
    Feed feed(training.data.split.train, {.batch = recipe.batch, .mirror = recipe.data.mirror, .seed = recipe.seed},
              training.feed.cursor());
    const auto batch = feed.next();
    labels = batch.labels;
    real = to_values(batch.stored, recipe.data.value_range(training.data.facts.shape));
    auto noise = make_generator(0);
    noise.set_state(training.trainer.save().tensors.at("random/noise"));
    fake = walk(training, "generator", draw_latent(recipe.latent, recipe.batch, noise), true);
  }
  Tensor walk(Training& training, const std::string& network, const Tensor& x, bool as_in_training) const {
    torch::NoGradGuard no_grad;
    Pass pass{.training = as_in_training, .update_statistics = false, .noise = {}};
    return training.trainer.networks().at(network)->forward(x, labelled(labels), pass);
  }
  Tensor labels, real, fake;
};

/// The terms of one more round alone.
std::map<std::string, double> played(Training& training) {
  training.trainer.read();
  training.rounds(1);
  const auto means = training.trainer.read().means;
  return {means.begin(), means.end()};
}

double mean_of(const Tensor& x) { return x.mean().item<double>(); }

TEST(Turn, OfTheGeneratorJudgesItsFakesOfTheBatchsClassesByADiscriminatorInTraining) {
  const auto recipe = moving_only("generator");
  Training training(recipe);
  training.rounds(2);
  const Next next(training, recipe);
  const auto loss = [&](bool as_in_training) {
    return mean_of(torch::softplus(-next.walk(training, "discriminator", next.fake, as_in_training)));
  };
  const double expected = loss(true), in_evaluation = loss(false);
  EXPECT_NEAR(played(training).at("generator/adversarial"), expected, 1e-5);
  EXPECT_GT(std::abs(expected - in_evaluation), 1e-3) << "the modes must differ for a comparison";
}

TEST(Turn, OfTheDiscriminatorJudgesTheBatchAndTheFakesOfItsClasses) {
  const auto recipe = moving_only("discriminator");
  Training training(recipe);
  training.rounds(2);
  const Next next(training, recipe);
  const auto real = next.walk(training, "discriminator", next.real, true);
  const auto fake = next.walk(training, "discriminator", next.fake, true);
  const auto found = played(training);
  EXPECT_NEAR(found.at("discriminator/adversarial"), mean_of(torch::softplus(-real)) + mean_of(torch::softplus(fake)),
              1e-5);
  EXPECT_NEAR(found.at("discriminator/logit_real"), mean_of(real), 1e-5);
  EXPECT_NEAR(found.at("discriminator/logit_fake"), mean_of(fake), 1e-5);
}

TEST(Trainer, TellsTheMeanOfAllRoundsSinceTheLastReading) {
  const auto recipe = tiny(kTinyRing, {"player.discriminator.steps=2"});
  Training once(recipe), each(recipe);
  std::map<std::string, double> sums;
  constexpr int kRounds = 7;
  for (int i = 0; i < kRounds; ++i)
    for (const auto& [name, value] : played(each)) sums[name] += value / kRounds;
  once.rounds(kRounds);
  const auto readings = once.trainer.read();
  ASSERT_EQ(readings.means.size(), 6u);
  for (const auto& [name, mean] : readings.means) EXPECT_NEAR(mean, sums.at(name), 1e-9) << name;
  // And of no round before.
  once.rounds(1);
  const auto means = once.trainer.read().means;
  EXPECT_EQ((std::map<std::string, double>(means.begin(), means.end())), played(each));
}

TEST(TurnLosses, OfTheBoundaryObjectivePullWhatIsJudgedToTheMiddle) {
  Training training(tiny(kTinyRing, {"game.objective=boundary", "turns.order=list", "turns.list=['generator']",
                                     "network.discriminator.init='normal(1)'"}));
  const auto half_mean_square = [&] {
    training.trainer.read();
    training.rounds(1);
    return training.trainer.read().means.front().second;
  };
  const double begun = half_mean_square();
  training.rounds(150);
  EXPECT_LT(half_mean_square(), 0.1 * begun);
}

}  // namespace
}  // namespace duet
