// Discriminators of pairs, with heads, with a memory (LeCam), and players that learn from some examples only.
#include <gtest/gtest.h>

#include "duet/games/critic.h"
#include "duet/games/penalties.h"
#include "tests/data/damage.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"

namespace duet {
namespace {

constexpr double kExact = 1e-12;

Tensor column(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64).view({-1, 1});
}

CriticConfig with_penalties(CriticConfig config) {
  for (const auto& entry : penalties()) config.penalty[entry.name];
  return config;
}

double value_of(const Loss& loss, const std::string& name) {
  for (const auto* list : {&loss.terms, &loss.watched})
    for (const auto& term : *list)
      if (term.name == name) return term.value.item<double>();
  ADD_FAILURE() << "no term " << name;
  return 0;
}

/// Three examples of one number on each side, with codes of one number, and a score made up of both.
class Sides : public testing::Test {
 protected:
  using Score = std::function<Tensor(const Tensor& x, const Named& with)>;
  void judge_by(const Score& score) {
    turn_.nets["discriminator"] =
        Net([score](const Tensor& x, const Named& with, int64_t) { return score(x, with); }, {"code"});
  }
  Sides() : turn_(turn_on(real_, fake_, make_generator(1))) {
    judge_by([](const Tensor& x, const Named& with) { return (2 * x + 3 * with.at("code")).flatten(); });
  }
  Side real_pair() const { return {real_, {{"code", real_code_}}}; }
  Side fake_pair() const { return {fake_, {{"code", fake_code_}}}; }

  Tensor real_ = column({0.5, -1, 2}), fake_ = column({0.2, -0.3, -1.5});
  Tensor real_code_ = column({1, 2, -1}), fake_code_ = column({0, 4, 0.5});
  Turn turn_;
};

TEST_F(Sides, OfPairsAreJudgedEachWithItsOwnInput) {
  turn_.given["code"] = column({100, 100, 100});  // what belongs to a side comes before what both share
  const Critic critic(with_penalties({.objective = "wgan"}));
  const double real = 2 * 0.5 + 3 * 2.0 / 3, fake = 2 * -1.6 / 3 + 3 * 1.5;
  EXPECT_NEAR(critic.discriminator(turn_, real_pair(), fake_pair()).total().item<double>(), fake - real, kExact);
  EXPECT_NEAR(critic.generator(turn_, real_pair(), fake_pair()).total().item<double>(), -fake, kExact);
  EXPECT_NEAR(critic.exchanged(turn_, real_pair(), fake_pair()).total().item<double>(), real - fake, kExact);
}

TEST_F(Sides, OfPairsArePenalisedAsOneVectorOfAllTheirNumbers) {
  // The slope is (2, 3) everywhere.
  auto config = with_penalties({.objective = "wgan"});
  for (const char* name : {"r1", "r2", "wgan_gp", "dragan"}) config.penalty[name] = 1;
  const auto loss = Critic(config).discriminator(turn_, real_pair(), fake_pair());
  EXPECT_NEAR(value_of(loss, "r1"), 13, kExact);
  EXPECT_NEAR(value_of(loss, "r2"), 13, kExact);
  EXPECT_NEAR(value_of(loss, "wgan_gp"), std::pow(std::sqrt(13.0) - 1, 2), kExact);
  EXPECT_NEAR(value_of(loss, "dragan"), std::pow(std::sqrt(13.0) - 1, 2), kExact);
}

TEST_F(Sides, OfPairsAreMixedByTheSameShareInEveryPart) {
  std::vector<std::pair<Tensor, Tensor>> seen;
  judge_by([&](const Tensor& x, const Named& with) {
    seen.emplace_back(x.detach(), with.at("code").detach());
    return (x * with.at("code")).flatten();
  });
  auto config = with_penalties({.objective = "wgan"});
  config.penalty["wgan_gp"] = 1;
  Critic(config).discriminator(turn_, real_pair(), fake_pair());
  ASSERT_EQ(seen.size(), 3u);
  const auto share = (seen[2].first - fake_) / (real_ - fake_);
  EXPECT_LT((share - (seen[2].second - fake_code_) / (real_code_ - fake_code_)).abs().max().item<double>(), kExact);
}

TEST_F(Sides, GetInstanceNoiseOnEveryPart) {
  judge_by([](const Tensor& x, const Named& with) { return (0 * x + with.at("code")).flatten(); });
  const auto loss = Critic(with_penalties({.objective = "wgan", .instance_noise = 1.0}))
                        .discriminator(turn_, real_pair(), fake_pair());
  EXPECT_GT(std::abs(value_of(loss, "logit_real") - 2.0 / 3), 1e-3);
}

TEST_F(Sides, HaveTheirFirstNumberAsLogitAndTheOthersAsHeads) {
  judge_by([](const Tensor& x, const Named&) { return torch::cat({x, x + 10, x + 20}, 1); });
  auto config = with_penalties({.objective = "wgan"});
  config.penalty["r1"] = 1;
  const Critic critic(config);
  const auto said = critic.judge(turn_, real_, fake_);
  EXPECT_TRUE(torch::equal(said.first.logit, real_.flatten()));
  EXPECT_TRUE(torch::equal(said.second.heads, torch::cat({fake_ + 10, fake_ + 20}, 1)));
  const auto loss = critic.discriminator(turn_, said);
  EXPECT_NEAR(value_of(loss, "adversarial"), -1.6 / 3 - 0.5, kExact);
  EXPECT_NEAR(value_of(loss, "r1"), 1, kExact) << "of the logit alone";
  EXPECT_TRUE(torch::equal(critic.judge_made(turn_, fake_).heads, said.second.heads));
}

TEST_F(Sides, AreDrawnToTheOtherSidesMeanSoFarByLecam) {
  judge_by([](const Tensor& x, const Named&) { return x.flatten(); });
  const auto config = with_penalties({.objective = "hinge", .lecam = 0.5, .lecam_decay = 0.75});
  Critic critic(config);
  ASSERT_EQ(critic.state().size(), 1u);
  EXPECT_EQ(critic.state()[0].first, "discriminator.lecam");
  const auto squares = [](const Tensor& x, double mean) { return (x - mean).square().mean().item<double>(); };
  // Nothing is known yet: both are drawn to 0.
  auto loss = critic.discriminator(turn_, real_, fake_);
  EXPECT_NEAR(value_of(loss, "lecam"), squares(real_, 0) + squares(fake_, 0), kExact);
  critic.moved(loss);
  const double r1 = 0.5, f1 = -1.6 / 3;
  loss = critic.discriminator(turn_, real_ + 1, fake_ - 1);
  EXPECT_NEAR(value_of(loss, "lecam"), squares(real_ + 1, f1) + squares(fake_ - 1, r1), kExact);
  EXPECT_EQ(loss.terms.back().weight, 0.5);
  critic.moved(loss);
  // Weights .25 * .75 and .25 of the two moves.
  const double r2 = (0.75 * r1 + r1 + 1) / 1.75, f2 = (0.75 * f1 + f1 - 1) / 1.75;
  loss = critic.discriminator(turn_, real_, fake_);
  EXPECT_NEAR(value_of(loss, "lecam"), squares(real_, f2) + squares(fake_, r2), kExact);
  EXPECT_TRUE(Critic(with_penalties({})).state().empty());
}

TEST_F(Sides, OfLecamAndPairsHaveTheGradientsThatDifferencesSay) {
  auto generator = make_generator(7);
  const auto w = normal_leaf({2, 4}, generator), v = normal_leaf({4}, generator);
  judge_by([&](const Tensor& x, const Named& with) {
    return torch::tanh(torch::cat({x, with.at("code")}, 1).matmul(w)).matmul(v);
  });
  auto config = with_penalties({.objective = "vanilla", .lecam = 0.3});
  config.penalty["wgan_gp"] = 2, config.penalty["r1"] = 1;
  Critic critic(config);
  critic.moved(critic.discriminator(turn_, real_pair(), fake_pair()));
  const auto made = fake_.clone().requires_grad_();
  const auto loss = [&] {
    turn_.noise = make_generator(3);
    return critic.discriminator(turn_, real_pair(), fake_pair()).total();
  };
  EXPECT_TRUE(check_gradients(loss, {w, v}));
  const auto of_maker = [&] { return critic.exchanged(turn_, real_pair(), {made, {{"code", fake_code_}}}).total(); };
  EXPECT_TRUE(check_gradients(of_maker, {w, v, made}));
}

/// A discriminator that gives these scores, and the examples that the loss of a turn has gradients for.
class Lazy : public Sides {
 protected:
  Lazy() {
    judge_by([](const Tensor& x, const Named&) { return x.flatten(); });
    real_.requires_grad_(), fake_.requires_grad_();
  }
  static Tensor gradient(const Tensor& value, const Tensor& of) {
    return torch::autograd::grad({value}, {of}, {}, /*retain_graph=*/true)[0].flatten();
  }
};

TEST_F(Lazy, DiscriminatorsLearnFromExamplesThatTheyAreNotSureOf) {
  // The logit of 0.6 is 0.405: of real ones -1 is below, of fakes 0.2 and -0.3 are above its negative.
  const auto all = Critic(with_penalties({})).discriminator(turn_, real_, fake_).total();
  const auto some = Critic(with_penalties({.lazy_discriminator = 0.1})).discriminator(turn_, real_, fake_).total();
  const auto no = torch::zeros({}, torch::kFloat64);
  const auto of_real = gradient(all, real_), of_fake = gradient(all, fake_);
  EXPECT_TRUE(torch::equal(gradient(some, real_), torch::stack({no, of_real[1], no})));
  EXPECT_TRUE(torch::equal(gradient(some, fake_), torch::stack({of_fake[0], of_fake[1], no})));
}

TEST_F(Lazy, GeneratorsLearnFromFakesThatAreSeenThrough) {
  const auto all = gradient(Critic(with_penalties({})).generator(turn_, real_, fake_).total(), fake_);
  const auto some = Critic(with_penalties({.lazy_generator = 0})).generator(turn_, real_, fake_).total();
  EXPECT_TRUE(torch::equal(gradient(some, fake_), torch::stack({torch::zeros_like(all[0]), all[1], all[2]})));
}

TEST_F(Lazy, GradientsOfFakesAreScaledUpToTheNormThatIsSaid) {
  const auto of = [&](double norm) {
    return gradient(Critic(with_penalties({.target_scale = norm})).generator(turn_, real_, fake_).total(), fake_);
  };
  const auto plain = of(0);
  const double norm = plain.norm().item<double>();
  ASSERT_GT(norm, 0.1);
  EXPECT_TRUE(torch::equal(of(0.5 * norm), plain)) << "never down";
  EXPECT_LT((of(5 * norm) - 5 * plain).abs().max().item<double>(), kExact);
}

TEST_F(Lazy, PlayersNeedProbabilities) {
  EXPECT_EQ(error_of([] { Critic critic({.objective = "hinge", .lazy_generator = 0}); }, Fault::recipe),
            "[game]: lazy_discriminator and lazy_generator go by D's probabilities, and with objective = \"hinge\" it "
            "gives scores; use vanilla, goodfellow, minimax or boundary");
}

}  // namespace
}  // namespace duet
