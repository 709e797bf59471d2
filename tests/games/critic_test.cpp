// Keys of the discriminator's loss beside the objectives themselves; the others are in games_test.cpp.
#include "duet/games/critic.h"

#include <gtest/gtest.h>

#include "tests/data/damage.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"

namespace duet {
namespace {

/// A critic whose network's scores are the examples' only numbers.
class Judged : public testing::Test {
 protected:
  Judged() {
    turn_ = turn_on(real_, fake_, make_generator(1));
    turn_.nets["discriminator"] = made_up([](const Tensor& x, const Tensor&) { return x.flatten(); });
  }
  double discriminator(const CriticConfig& config) const {
    return Critic(filled(config)).discriminator(turn_, real_, fake_).total().item<double>();
  }
  double generator(const CriticConfig& config) const {
    return Critic(filled(config)).generator(turn_, real_, fake_).total().item<double>();
  }
  /// With the penalties that reading a recipe names.
  static CriticConfig filled(CriticConfig config) {
    for (const auto* name : {"wgan_gp", "dragan", "r1", "r2", "roth", "r1_difference", "wgan_gp_difference"})
      config.penalty[name];
    return config;
  }

  const Tensor real_ = torch::tensor({0.5, -1.0, 2.0}, torch::kFloat64).view({3, 1});
  const Tensor fake_ = torch::tensor({0.2, -0.3, -1.5}, torch::kFloat64).view({3, 1});
  Turn turn_;
};

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST_F(Judged, InPairsScoresAreDifferencesOfEach) {
  // RSGAN: -log s(r - f), by hand.
  const double differences[] = {0.3, -0.7, 3.5};
  double d = 0, g = 0;
  for (const double difference : differences) d += softplus(-difference) / 3, g += softplus(difference) / 3;
  EXPECT_NEAR(discriminator({.relativistic = "pairs"}), d, 1e-12);
  EXPECT_NEAR(generator({.relativistic = "pairs"}), g, 1e-12);
}

TEST_F(Judged, ByTheAverageScoresCountFromTheOtherSidesMean) {
  // RaSGAN: -log s(r - mean f) - log(1 - s(f - mean r)), by hand; G's has the sides exchanged.
  const double r[] = {0.5, -1, 2}, f[] = {0.2, -0.3, -1.5}, mean_r = 0.5, mean_f = -1.6 / 3;
  double d = 0, g = 0;
  for (int i = 0; i < 3; ++i) {
    d += (softplus(-(r[i] - mean_f)) + softplus(f[i] - mean_r)) / 3;
    g += (softplus(-(f[i] - mean_r)) + softplus(r[i] - mean_f)) / 3;
  }
  EXPECT_NEAR(discriminator({.relativistic = "average"}), d, 1e-12);
  EXPECT_NEAR(generator({.relativistic = "average"}), g, 1e-12);
}

TEST_F(Judged, TheGeneratorWantsTheLabelThatIsSaid) {
  CriticConfig config{.objective = "least_squares"};
  config.generator_label = 0;
  EXPECT_NEAR(generator(config), 0.5 * fake_.square().mean().item<double>(), 1e-12);
}

TEST_F(Judged, KeysThatMeanNothingToAnObjectiveAreRefused) {
  const auto refused = [](const CriticConfig& config) {
    return error_of([&] { Critic critic(config); }, Fault::recipe);
  };
  CriticConfig wanted;
  wanted.generator_label = 0.5;
  EXPECT_EQ(refused(wanted), "[game]: generator_label has no effect with objective = \"vanilla\"; use least_squares");
  CriticConfig softmax{.objective = "softmax"};
  softmax.relativistic = "pairs";
  EXPECT_EQ(refused(softmax),
            "[game]: relativistic = \"pairs\" has no effect with objective = \"softmax\", which compares real "
            "and fake itself; leave it out");
}

TEST_F(Judged, RelativeScoresHaveTheGradientsOfCentralDifferences) {
  const auto real = real_.clone().requires_grad_(), fake = fake_.clone().requires_grad_();
  for (const char* how : {"pairs", "average"})
    for (const char* objective : {"vanilla", "hinge"}) {
      const Critic critic(filled({.objective = objective, .relativistic = how}));
      EXPECT_TRUE(check_gradients([&] { return critic.discriminator(turn_, real, fake).total(); }, {real, fake}));
      EXPECT_TRUE(check_gradients([&] { return critic.generator(turn_, real, fake).total(); }, {real, fake}));
    }
}

}  // namespace
}  // namespace duet
