#include "duet/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "duet/ops/machine.h"
#include "tests/data/counting_dataset.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// The players that move in `rounds` rounds: one letter each, a space between rounds.
std::string movers(const Recipe& recipe, int rounds) {
  Training training(recipe);
  std::string all;
  training.trainer.watch_moves([&](const std::string& name) { all += name == "generator" ? 'G' : 'D'; });
  for (int i = 0; i < rounds; ++i) {
    training.trainer.round();
    all += ' ';
  }
  return all;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Turns, Alternate) { EXPECT_EQ(movers(tiny(kTinyRing), 50), repeated("DG ", 50)); }

TEST(Turns, MoveAllAtOnceWhenSimultaneous) {
  EXPECT_EQ(movers(tiny(kTinyRing, {"turns.order=simultaneous"}), 50), repeated("DG ", 50));
}

TEST(Turns, RepeatAPlayersSteps) {
  EXPECT_EQ(movers(tiny(kTinyRing, {"player.discriminator.steps=3"}), 50), repeated("DDDG ", 50));
  EXPECT_EQ(movers(tiny(kTinyRing, {"player.generator.steps=2"}), 50), repeated("DGG ", 50));
}

TEST(Turns, FollowAList) {
  EXPECT_EQ(movers(tiny(kTinyRing, {"turns.order=list", "turns.list=['generator', 'discriminator', 'generator']"}), 50),
            repeated("GDG ", 50));
}

TEST(Turns, WaitForAPlayersStart) {
  // Batches of 16: 0.32 kimg are 20 rounds, the last of which brings the clock there.
  EXPECT_EQ(movers(tiny(kTinyRing, {"player.generator.start=0.32"}), 50), repeated("D ", 19) + repeated("DG ", 31));
  EXPECT_EQ(movers(tiny(kTinyRing, {"player.discriminator.start=0.32"}), 50), repeated("G ", 19) + repeated("DG ", 31));
  EXPECT_EQ(movers(tiny(kTinyRing, {"player.generator.start=0.32", "turns.order=simultaneous"}), 50),
            repeated("D ", 19) + repeated("DG ", 31));
}

TEST(Turns, TakeAFreshBatchForEveryUpdateOfAPlayer) {
  const auto images = [](const std::vector<std::string>& overrides) {
    Training training(tiny(kTinyRing, overrides));
    training.rounds(10);
    return training.feed.cursor();
  };
  EXPECT_EQ(images({}), 160);
  EXPECT_EQ(images({"turns.order=simultaneous"}), 160);
  EXPECT_EQ(images({"player.discriminator.steps=5"}), 800);
  EXPECT_EQ(images({"player.generator.steps=5"}), 160) << "the generator needs no new real images";
}

TEST(Turns, RefuseWhatDoesNotFit) {
  const auto refused = [](const std::vector<std::string>& overrides) {
    return error_of([&] { Training training(tiny(kTinyRing, overrides)); }, Fault::recipe);
  };
  EXPECT_EQ(refused({"turns.order=list"}), "turns.list is empty; expected players in the order of their moves");
  EXPECT_EQ(refused({"turns.order=list", "turns.list=['critic']"}),
            "turns.list: 'critic' is not a player of game \"adversarial\"; it has discriminator, generator");
  EXPECT_EQ(refused({"player.critic.lr=1"}),
            "[player.critic]: game \"adversarial\" has no such player; it has discriminator, generator");
  EXPECT_EQ(refused({"network.critic.kind=mlp"}),
            "[network.critic]: game \"adversarial\" has no such network; it has discriminator, generator");
}

TEST(Trainer, GivesTheGeneratorTheMovedDiscriminatorOnlyWhenAlternating) {
  Training alternating(tiny(kTinyRing)), simultaneous(tiny(kTinyRing, {"turns.order=simultaneous"}));
  alternating.rounds(1);
  simultaneous.rounds(1);
  // The same first move from the same point; then one generator meets the updated discriminator, the other the old one.
  EXPECT_TRUE(torch::equal(alternating.weights("discriminator"), simultaneous.weights("discriminator")));
  EXPECT_FALSE(torch::equal(alternating.weights("generator"), simultaneous.weights("generator")));
}

TEST(Trainer, RepeatsEitherOrderToTheBit) {
  for (const char* order : {"alternating", "simultaneous"}) {
    const auto recipe = tiny(kTinyRing, {std::string("turns.order=") + order});
    Training a(recipe), b(recipe), other(tiny(kTinyRing, {std::string("turns.order=") + order, "seed=4"}));
    a.rounds(30);
    b.rounds(30);
    other.rounds(30);
    expect_same(a.trainer.save(), b.trainer.save());
    EXPECT_FALSE(torch::equal(a.weights("generator"), other.weights("generator")));
  }
}

// f(x, y) = xy as a WGAN: z is always 1 and every real number 0, so that G is one weight x, D one weight y, and both
// descend along the other's. Mescheder et al. 2017, arXiv:1705.10461, section 3.
struct Bilinear {
  explicit Bilinear(const std::string& order)
      : recipe(parse_recipe("batch = 4\n[latent]\nkind = 'uniform'\nlow = 1\nhigh = 1\nsize = 1\n"
                            "[game]\nkind = 'adversarial'\nobjective = 'wgan'\n"
                            "[network.generator]\nkind = 'layers'\nlayers = ['dense(1, bias=false)']\n"
                            "[network.discriminator]\nkind = 'layers'\nlayers = ['dense(1, bias=false)']\n"
                            "[player.generator]\noptimizer = 'sgd'\nlr = 0.1\n"
                            "[player.discriminator]\noptimizer = 'sgd'\nlr = 0.1\n",
                            "bilinear.toml", {"turns.order=" + order}, catalogues())),
        feed(std::make_shared<CountingDataset>(1), {.batch = 4}),
        trainer(recipe, {.shape = {1, 1, 1}, .pictures = false, .classes = {}, .class_share = {}}, feed) {
    for (const char* name : {"generator", "discriminator"}) {
      torch::NoGradGuard no_grad;
      trainer.networks().at(name)->parameters()[0].value.fill_(1);
    }
  }
  double at(const char* player) { return trainer.weights(player).values()[0].item<double>(); }

  Recipe recipe;
  Feed feed;
  Trainer trainer;
};

TEST(Trainer, SpiralsOutwardsOnABilinearGameWhenSimultaneous) {
  Bilinear game("simultaneous");
  double x = 1, y = 1;
  for (int t = 1; t <= 40; ++t) {
    game.trainer.round();
    const double moved_x = x + 0.1 * y, moved_y = y - 0.1 * x;
    x = moved_x, y = moved_y;
    ASSERT_NEAR(game.at("generator"), x, 1e-5);
    ASSERT_NEAR(game.at("discriminator"), y, 1e-5);
    // Every round is further out, by a factor that only the step size determines.
    const double found = std::pow(game.at("generator"), 2) + std::pow(game.at("discriminator"), 2);
    ASSERT_NEAR(found, 2 * std::pow(1.01, t), 1e-5);
  }
}

TEST(Trainer, CirclesOnABilinearGameWhenAlternating) {
  Bilinear game("alternating");
  double x = 1, y = 1;
  for (int t = 1; t <= 40; ++t) {
    game.trainer.round();
    y -= 0.1 * x;
    x += 0.1 * y;
    ASSERT_NEAR(game.at("generator"), x, 1e-5);
    ASSERT_NEAR(game.at("discriminator"), y, 1e-5);
    const double found_x = game.at("generator"), found_y = game.at("discriminator");
    ASSERT_NEAR(found_x * found_x + found_y * found_y - 0.1 * found_x * found_y, 1.9, 1e-5) << "this order's invariant";
  }
}

TEST(Trainer, FreezesWhoWaits) {
  for (const std::string waiting : {"generator", "discriminator"}) {
    const std::string mover = waiting == "generator" ? "discriminator" : "generator";
    // Both with batch norm: running statistics must not change either.
    Training training(tiny(kTinyRing, {"turns.order=list", "turns.list=['" + mover + "']",
                                       "network.generator.norm=batch_norm", "network.discriminator.norm=batch_norm"}));
    const auto before = snapshot(training.trainer);
    training.rounds(20);
    for (const auto& [name, value] : training.trainer.save().tensors) {
      const bool same = torch::equal(value, before.tensors.at(name));
      if (name.starts_with(waiting + "/") || name.starts_with("optimizer/" + waiting)) {
        EXPECT_TRUE(same) << name << " moved";
      } else if (name.starts_with(mover + "/")) {
        EXPECT_FALSE(same) << name << " stood";
      }
    }
    EXPECT_EQ(training.trainer.player(waiting).updates(), 0);
    for (const auto& [name, value] : training.trainer.networks().at(waiting)->parameters())
      EXPECT_FALSE(value.grad().defined()) << "a waiting player costs no weight gradient, but " << name << " has one";
  }
}

TEST(Trainer, JudgesAndImprovesTheSameFakesWhenShared) {
  // The only random numbers of this game are the latents: one batch of them per round if shared, else one for each
  // player.
  const auto noise = [](bool share, int rounds) {
    Training training(tiny(kTinyRing, {share ? "turns.share_fake=true" : "turns.share_fake=false"}));
    training.rounds(rounds);
    return snapshot(training.trainer).tensors.at("random/noise");
  };
  EXPECT_TRUE(torch::equal(noise(true, 8), noise(false, 4)));
  EXPECT_FALSE(torch::equal(noise(true, 8), noise(false, 8)));
}

TEST(Trainer, MakesTheSameBytesTwiceOverTwoHundredRounds) {
  Training a(tiny(kTinyDigits)), b(tiny(kTinyDigits));
  a.rounds(200);
  b.rounds(200);
  expect_same(a.trainer.save(), b.trainer.save());
}

void expect_resumable(const Recipe& recipe, int rounds) {
  const FreshFolder folder;
  Training whole(recipe), first(recipe);
  whole.rounds(2 * rounds);
  first.rounds(rounds);
  write_tensors(folder / "half.safetensors", first.trainer.save());
  const auto file = read_tensors(folder / "half.safetensors");
  Training second(recipe, Trainer::saved_cursor(file));
  second.trainer.load(file);
  expect_same(second.trainer.save(), first.trainer.save());
  second.rounds(rounds);
  expect_same(second.trainer.save(), whole.trainer.save());
  EXPECT_EQ(second.trainer.rounds(), whole.trainer.rounds());
}

TEST(Trainer, GoesOnBitForBitAfterLoading) {
  const auto file = Training(tiny(kTinyDigits)).trainer.save();
  for (const char* name :
       {"ema/generator/01.conv_transpose.weight", "optimizer/generator/generator/square",
        "optimizer/discriminator/discriminator/velocity", "random/noise", "generator/02.batch_norm.mean"})
    EXPECT_TRUE(file.tensors.contains(name)) << name;
  expect_resumable(tiny(kTinyDigits), 15);
}

TEST(Trainer, KeepsEverythingInFloat32WhereProductsAreInBfloat16AndGoesOnBitForBit) {
  const auto recipe = tiny(kTinyDigits, {"precision=bf16"});
  Training training(recipe);
  EXPECT_TRUE(training.trainer.bfloat16());
  training.rounds(3);
  for (const auto& [name, value] : training.trainer.save().tensors)
    EXPECT_TRUE(!value.is_floating_point() || value.scalar_type() == torch::kFloat32) << name;
  Training other(tiny(kTinyDigits, {"precision=fp32"}));
  other.rounds(3);
  EXPECT_FALSE(torch::equal(training.weights("generator"), other.weights("generator")));
  // Adam's first steps are of one length whatever the gradient: where rounding turns a small one's sign they part.
  const auto moved = other.weights("generator") - Training(recipe).weights("generator");
  const auto apart = training.weights("generator") - other.weights("generator");
  EXPECT_LT(apart.norm().item<double>(), 0.3 * moved.norm().item<double>());
  expect_resumable(recipe, 15);
}

TEST(Trainer, TakesBfloat16ByItselfOnlyWhereItIsKnownToBeGood) {
  EXPECT_EQ(settled_precision(tiny(kTinyRing, {"precision=auto"})), "fp32");
  EXPECT_EQ(settled_precision(tiny(kTinyRing, {"precision=auto", "bf16_good=true"})), has_bfloat16() ? "bf16" : "fp32");
  EXPECT_EQ(settled_precision(tiny(kTinyRing, {"precision=bf16"})), "bf16");
  EXPECT_EQ(settled_precision(tiny(kTinyRing, {"precision=fp32", "bf16_good=true"})), "fp32");
  EXPECT_EQ(error_of([] { settled_precision(tiny(kTinyRing, {"precision=tf32"})); }, Fault::recipe),
            "precision = \"tf32\": only GPUs have it; use fp32, or --device cuda");
}

TEST(Trainer, GoesOnBitForBitWithEveryOptimizerAndOrder) {
  for (const char* optimizer : {"sgd", "rmsprop", "adam", "adamax"})
    for (const char* order : {"alternating", "simultaneous"}) {
      const char* steps = order == std::string("alternating") ? "2" : "1";
      const std::vector<std::string> overrides{std::string("player.generator.optimizer=") + optimizer,
                                               std::string("turns.order=") + order, "player.generator.start=0.16",
                                               "player.generator.ema_kimg=0.05",
                                               std::string("player.discriminator.steps=") + steps};
      SCOPED_TRACE(fmt::format("{}, {}", optimizer, order));
      expect_resumable(tiny(kTinyRing, overrides), 9);
    }
}

TEST(Trainer, RefusesSeveralStepsInARowOfASimultaneousGame) {
  EXPECT_EQ(error_of([] { Training(tiny(kTinyRing, {"turns.order=simultaneous", "player.discriminator.steps=2"})); },
                     Fault::recipe),
            "player.discriminator.steps = 2, but turns.order = \"simultaneous\" moves everyone once; use alternating");
}

TEST(Trainer, RefusesTheCheckpointOfAnotherRecipe) {
  const auto file = Training(tiny(kTinyRing)).trainer.save();
  EXPECT_EQ(
      error_of([&] { Training(tiny(kTinyRing, {"network.generator.widths=[9]"})).trainer.load(file); },
               Fault::checkpoint),
      "checkpoint: tensor 'generator/00.dense.weight' is [8, 4], the recipe makes it [9, 4]; it belongs to another "
      "recipe; use the one it was trained with");
  EXPECT_EQ(error_of([&] { Training(tiny(kTinyRing, {"player.generator.ema_kimg=1"})).trainer.load(file); },
                     Fault::checkpoint),
            "checkpoint: has no tensor 'ema/generator/00.dense.weight'; it belongs to another recipe or an older "
            "duet; use the "
            "recipe it was trained with");
}

TEST(Trainer, AveragesWithAHalfLifeThatGrowsWithTheRun) {
  Training training(tiny(kTinyRing, {"player.generator.ema_kimg=0.016"}));  // in the end half is gone every round of 16
  auto expected = training.weights("generator").clone();
  for (int i = 1; i <= 40; ++i) {
    training.rounds(1);
    const double keep = std::exp2(-0.016 / std::min(0.016, 0.05 * 0.016 * i));
    expected = keep * expected + (1 - keep) * training.weights("generator");
  }
  EXPECT_TRUE(torch::allclose(training.trainer.weights("generator").ema(), expected, 1e-5, 1e-6));
  Sampler sampler(tiny(kTinyRing), training.data.facts);
  sampler.load(training.trainer);
  const auto& first = sampler.network().parameters()[0].value;
  EXPECT_TRUE(torch::equal(first.flatten(), training.trainer.weights("generator").ema().narrow(0, 0, first.numel())));
}

TEST(Trainer, ReadsTheMeansSinceTheLastReading) {
  Training training(tiny(kTinyRing));
  training.rounds(5);
  const auto readings = training.trainer.read();
  std::string names;
  for (const auto& [name, value] : readings.means) names += name + " ";
  EXPECT_EQ(
      names,
      "discriminator/adversarial discriminator/logit_real discriminator/logit_fake discriminator/probability_real "
      "discriminator/probability_fake generator/adversarial ");
  EXPECT_EQ(readings.images, 80);
  EXPECT_EQ(training.trainer.read().images, 0);
}

TEST(Trainer, NamesStepTermAndPlayerOfWhatIsNotFinite) {
  Training training(tiny(kTinyRing));
  training.rounds(3);
  {
    torch::NoGradGuard no_grad;
    training.trainer.networks().at("discriminator")->parameters()[0].value.fill_(std::nan(""));
  }
  training.rounds(2);
  EXPECT_EQ(error_of([&] { training.trainer.read(); }, Fault::diverged),
            "step 3: the discriminator's term 'adversarial' is nan; lower player.generator.lr");
  ASSERT_TRUE(training.trainer.divergence());
  EXPECT_EQ(training.trainer.divergence()->suspect, "generator") << "who moved last before";
  EXPECT_EQ(training.trainer.divergence()->suspect_round, 2);
}

TEST(Trainer, NamesTheStepOfWhatIsNotFiniteAfterEarlierReadingsOfOtherTurns) {
  // Ten rounds of the discriminator alone, then of both: its moves are every one, and then every second.
  Training training(tiny(kTinyRing, {"turns.phase.pretrain.until=0.16", "turns.phase.pretrain.order=list",
                                     "turns.phase.pretrain.list=['discriminator']"}));
  training.rounds(10);
  training.trainer.read();
  training.rounds(2);
  {
    torch::NoGradGuard no_grad;
    training.trainer.networks().at("discriminator")->parameters()[0].value.fill_(std::nan(""));
  }
  training.rounds(2);
  const auto text = error_of([&] { training.trainer.read(); }, Fault::diverged);
  EXPECT_TRUE(text.starts_with("step 12: the discriminator's term 'adversarial' is nan")) << text;
}

TEST(Trainer, NamesEmaWeightsThatAreNotFinite) {
  Training training(tiny(kTinyDigits));
  training.rounds(1);
  Tensor(training.trainer.weights("generator").ema()).fill_(INFINITY);
  training.rounds(1);
  const auto text = error_of([&] { training.trainer.read(); }, Fault::diverged);
  EXPECT_NE(text.find("the generator's EMA weights are not finite any more"), std::string::npos) << text;
}

}  // namespace
}  // namespace duet
