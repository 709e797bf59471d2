// Pairs that change partners.
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kGap = R"toml(
batch = 20
seed = 3
[data]
spec = "ring"
[latent]
size = 4
[game]
kind = "gap"
pairs = 3
swap_every = 0.04
[network.generator]
kind = "mlp"
widths = [8]
[network.discriminator]
kind = "mlp"
widths = [8]
[player.generator]
lr = 1e-2
[player.discriminator]
lr = 1e-2
)toml";

TEST(Gap, ChangesPartnersAsItsScheduleSaysAndLogsIt) {
  Training training(tiny(kGap));
  std::vector<double> shifts;
  for (int i = 0; i < 8; ++i) {
    training.rounds(1);
    for (const auto& [name, mean] : training.trainer.read().means)
      if (name == "discriminator/shift") shifts.push_back(mean);
  }
  // Batches of 20, and a swap after every 40 images.
  EXPECT_EQ(shifts, (std::vector<double>{0, 0, 1, 1, 2, 2, 0, 0}));
}

/// A turn with scores that name the discriminator, and a fake that names the generator.
struct Named3 {
  explicit Named3(int64_t phase) : game(make_game(tiny(kGap).game)) {
    for (int64_t i = 1; i <= 3; ++i) {
      const auto number = static_cast<double>(i);
      turn.nets[fmt::format("generator_{}", i)] = Net([number](const Tensor& z, const Named&, int64_t) {
        return torch::full({z.size(0), 2}, number, torch::kFloat64);
      });
      turn.nets[fmt::format("discriminator_{}", i)] =
          Net([number](const Tensor& x, const Named&, int64_t) { return 10 * number + x.select(1, 0); });
    }
    turn.given = {{"x", torch::zeros({2, 2}, torch::kFloat64)}, {"z", torch::zeros({2, 4}, torch::kFloat64)}};
    turn.noise = make_generator(1);
    turn.phase = phase;
  }
  std::unique_ptr<Game> game;
  Turn turn;
};

TEST(Gap, JudgesEachGeneratorByThePartnerOfTheTime) {
  for (int64_t phase = 0; phase < 3; ++phase) {
    const Named3 pairs(phase);
    std::map<std::string, double> watched;
    for (const auto& term : pairs.game->loss("discriminator", pairs.turn).watched)
      watched[term.name] = term.value.item<double>();
    for (int64_t generator = 1; generator <= 3; ++generator) {
      const auto partner = (generator - 1 + phase) % 3 + 1;
      EXPECT_EQ(watched.at(fmt::format("logit_fake_{}", partner)), static_cast<double>(10 * partner + generator));
      EXPECT_EQ(watched.at(fmt::format("logit_real_{}", partner)), static_cast<double>(10 * partner));
    }
    const auto loss = pairs.game->loss("generator", pairs.turn);
    ASSERT_EQ(loss.terms.size(), 3u);
    for (int64_t generator = 1; generator <= 3; ++generator) {
      const auto partner = (generator - 1 + phase) % 3 + 1;
      const auto& term = loss.terms[static_cast<size_t>(generator - 1)];
      EXPECT_EQ(term.name, fmt::format("adversarial_{}", generator));
      EXPECT_NEAR(term.value.item<double>(), std::log1p(std::exp(-static_cast<double>(10 * partner + generator))),
                  1e-12);
    }
  }
}

TEST(Gap, GivesEachPairWhatItWouldLearnAlone) {
  // The same z for both, which draw different numbers otherwise: a prior of one point.
  const std::vector<std::string> point{"latent.kind=uniform", "latent.low=1", "latent.high=1"};
  auto apart = point, alone_keys = point;
  apart.emplace_back("game.swap_every=1000"), alone_keys.emplace_back("game={kind = 'adversarial'}");
  for (const std::string number : {"_1", "_3"}) {
    Training alone(tiny(kGap, alone_keys));
    Training again(tiny(kGap, apart));
    for (const std::string name : {"generator", "discriminator"})
      Tensor(alone.weights(name)).copy_(again.weights(name + number));
    alone.rounds(5), again.rounds(5);
    for (const std::string name : {"generator", "discriminator"})
      EXPECT_TRUE(torch::allclose(alone.weights(name), again.weights(name + number), 1e-5, 1e-6)) << name << number;
  }
  const Training pairs(tiny(kGap));
  EXPECT_FALSE(
      torch::allclose(pairs.trainer.weights("generator_1").values(), pairs.trainer.weights("generator_2").values()));
}

TEST(Gap, DrawsSamplesFromAllGeneratorsEquallyOftenOrFromOne) {
  const auto recipe = tiny(kGap);
  Training training(recipe);
  training.rounds(4);
  const auto samples_of = [&](int generator) {
    const auto own = tiny(kGap, {fmt::format("game.sample_from={}", generator)});
    Sampler sampler(own, training.data.facts);
    sampler.load(training.trainer);
    return sampler.sample_values({.count = 3000, .seed = 5});
  };
  const auto all = samples_of(0);
  Tensor seen = torch::zeros({3000});
  for (int generator = 1; generator <= 3; ++generator) {
    const auto same = (all == samples_of(generator)).all(1).to(torch::kFloat32);
    EXPECT_NEAR(same.sum().item<double>(), 1000, 5 * std::sqrt(3000 * 2 / 9.0)) << generator;
    seen += same;
  }
  EXPECT_TRUE(torch::equal(seen, torch::ones({3000})));
}

TEST(Gap, GoesOnInItsScheduleAfterAResumeToTheBit) {
  const auto recipe = tiny(kGap);
  Training training(recipe);
  training.rounds(3);
  expect_goes_on(training, recipe, 6);
}

TEST(Gap, RefusesAGeneratorThatItHasNot) {
  EXPECT_EQ(error_of([] { Training training(tiny(kGap, {"game.sample_from=4"})); }, Fault::recipe),
            "game.sample_from = 4: there are 3 generators; expected 1 to 3, or 0 for all");
}

}  // namespace
}  // namespace duet
