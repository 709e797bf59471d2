// What the discriminator and its penalties see in the adversarial game.
#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include <gtest/gtest.h>

#include "duet/config/toml.h"
#include "duet/games/game.h"
#include "tests/games/judged.h"

namespace duet {
namespace {

struct Seen {
  Tensor x, labels;
};

/// All inputs of D in one turn of `player`, in order.
std::vector<Seen> asked(const std::string& toml, const std::string& player = "discriminator") {
  const auto config = game_catalogue().make("adversarial");
  TomlDocument(toml, "test").read([&](Fields& fields) { config->fields(fields); });
  const auto game = make_game({"adversarial", config});
  auto generator = make_generator(3);
  const auto real = torch::empty({6, 2}, torch::kFloat64).normal_(0, 1, generator);
  auto turn = turn_on(real, torch::empty({6, 2}, torch::kFloat64).normal_(4, 1, generator), generator);
  turn.given["label"] = torch::arange(6);
  std::vector<Seen> seen;
  turn.nets["discriminator"] = made_up([&](const Tensor& x, const Tensor& labels) {
    seen.push_back({x.detach(), labels});
    return x.square().sum(1);
  });
  game->loss(player, turn);
  return seen;
}

TEST(PenaltyPlaces, AreThoseOfTheNoisyInputsThatTheDiscriminatorJudges) {
  for (const char* noise : {"0.0", "0.5"}) {
    // D judges real and fake; then each penalty uses its own points.
    const auto seen =
        asked(std::string("objective = 'vanilla'\nwgan_gp = 1\ndragan = 1\nr1 = 1\nr2 = 1\ninstance_noise = ") + noise);
    ASSERT_EQ(seen.size(), 6u);
    const auto &real = seen[0].x, &fake = seen[1].x;
    const auto share = (seen[2].x - fake) / (real - fake);
    EXPECT_LT((share - share.select(1, 0).unsqueeze(1)).abs().max().item<double>(), 1e-9)
        << "wgan_gp looks between what was judged";
    const auto around = (seen[3].x - real) / real.std();
    EXPECT_GE(around.min().item<double>(), 0);
    EXPECT_LE(around.max().item<double>(), 0.5);
    EXPECT_TRUE(torch::equal(seen[4].x, real)) << "r1";
    EXPECT_TRUE(torch::equal(seen[5].x, fake)) << "r2";
    for (const auto& [x, labels] : seen) EXPECT_TRUE(torch::equal(labels, torch::arange(6)));
  }
}

TEST(InstanceNoise, IsOnRealAndFakeAlikeInTheGeneratorsTurn) {
  const std::string objective = "objective = 'softmax'\ninstance_noise = ";  // its generator looks at both
  const auto plain = asked(objective + "0.0", "generator"), noisy = asked(objective + "0.5", "generator");
  ASSERT_EQ(plain.size(), 2u);
  ASSERT_EQ(noisy.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const auto noise = noisy[i].x - plain[i].x;
    EXPECT_GT(noise.abs().min().item<double>(), 0) << i;
    EXPECT_GT(noise.std().item<double>(), 0.2) << i;
    EXPECT_LT(noise.std().item<double>(), 0.9) << i;
  }
}

TEST(FlippedLabels, TellWhatTheOtherSideIsTold) {
  const auto config = game_catalogue().make("adversarial");
  TomlDocument("objective = 'least_squares'\nreal_label = 0.9\nfake_label = 0.1\nflip = 1", "test")
      .read([&](Fields& fields) { config->fields(fields); });
  auto turn = turn_on(torch::ones({3, 1}, torch::kFloat64), torch::zeros({3, 1}, torch::kFloat64), make_generator(3));
  turn.nets["discriminator"] = made_up([](const Tensor& x, const Tensor&) { return x.sum(1) * 0 + 0.5; });
  // Both sides are 0.4 off: half the sum of their squares.
  EXPECT_NEAR(make_game({"adversarial", config})->loss("discriminator", turn).total().item<double>(), 0.16, 1e-12);
  turn.nets["discriminator"] = made_up([](const Tensor& x, const Tensor&) { return 0.1 + 0.8 * (1 - x.sum(1)); });
  EXPECT_NEAR(make_game({"adversarial", config})->loss("discriminator", turn).total().item<double>(), 0, 1e-12);
}

}  // namespace
}  // namespace duet
