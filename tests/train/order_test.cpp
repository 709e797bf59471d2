// Who moves when: the players' names in the order of their moves against lists written by hand.
#include "duet/train/order.h"

#include "tests/train/goes_on.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// The moves of some rounds, each round's initials followed by a dot: "DG.DG.".
std::string moves(const std::vector<std::string>& overrides, int rounds) {
  Training training(tiny(kTinyRing, overrides));
  std::string all;
  training.trainer.watch_moves(
      [&](const std::string& name) { all += static_cast<char>(std::toupper(static_cast<unsigned char>(name[0]))); });
  for (int i = 0; i < rounds; ++i) training.trainer.round(), all += '.';
  return all;
}

std::string times(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// A batch is 16 examples: 0.016 kimg.
const std::vector<std::string> kPretrained = {"turns.phase.pretrain.until=0.16", "turns.phase.pretrain.order=list",
                                              "turns.phase.pretrain.list=['discriminator']"};

TEST(TurnOrder, OfAPhaseHoldsUpToItsEndAndThenThatOfTheTurns) {
  EXPECT_EQ(moves(kPretrained, 50), times("D.", 10) + times("DG.", 40));
}

TEST(TurnOrder, OfSeveralPhasesIsTakenByTheirEndsWhateverTheirNames) {
  auto keys = kPretrained;
  keys.insert(keys.end(),
              {"turns.unit=round", "turns.phase.pretrain.until=3", "turns.phase.a.until=7", "turns.phase.a.order=list",
               "turns.phase.a.list=['generator', 'discriminator']", "turns.order=simultaneous"});
  EXPECT_EQ(moves(keys, 10), times("D.", 3) + times("GD.", 4) + times("DG.", 3));
}

TEST(TurnOrder, OfPhasesThatRepeatIsEpochAfterEpoch) {
  // 50,000 points are no epoch that a test could wait for; rounds follow the same rule.
  EXPECT_EQ(moves({"turns.unit=round", "turns.repeat=true", "turns.phase.d.until=2", "turns.phase.d.order=list",
                   "turns.phase.d.list=['discriminator']", "turns.phase.g.until=3", "turns.phase.g.order=list",
                   "turns.phase.g.list=['generator']"},
                  9),
            times("D.D.G.", 3));
  const TurnOrder order(
      tiny(kTinyRing, {"turns.unit=epoch", "turns.repeat=true", "turns.phase.d.until=1", "turns.phase.d.order=list",
                       "turns.phase.d.list=['discriminator']", "turns.phase.both.until=2"}),
      {{"discriminator", {}}, {"generator", {}}});
  const auto at = [&](double epoch) {
    return to_string(order.at({100 * epoch, 0, epoch}, 7, [](const std::string&) { return 0; }));
  };
  EXPECT_EQ(at(0), "discriminator");
  EXPECT_EQ(at(0.99), "discriminator");
  EXPECT_EQ(at(1), "discriminator, generator");
  EXPECT_EQ(at(2.5), "discriminator");
  EXPECT_EQ(at(5.01), "discriminator, generator");
}

TEST(TurnOrder, FollowsStepsThatAreASchedule) {
  // In rounds of one batch each, 0.016 kimg, the discriminator begins with 3 steps: each takes a batch.
  EXPECT_EQ(moves({"player.discriminator.steps={shape = 'steps', from = 3, values = [2, 1], at = [0.09, 0.18]}"}, 7),
            times("DDDG.", 2) + times("DDG.", 3) + times("DG.", 2));
  // A player's own updates: two rounds of 4, then one each.
  const std::vector<std::string> own = {
      "player.generator.steps={shape = 'linear', from = 4, to = 1, start = 7, end = 8, unit = 'update'}"};
  EXPECT_EQ(moves(own, 4), times("DGGGG.", 2) + times("DG.", 2));
  Training training(tiny(kTinyRing, own));
  EXPECT_EQ(training.trainer.order().lines(),
            std::vector<std::string>{"discriminator, generator 1 to 4 times (linear)"});
  training.rounds(1);
  expect_goes_on(training, tiny(kTinyRing, own));
}

TEST(TurnOrder, CountsStepsInThePhasesThatAlternate) {
  EXPECT_EQ(moves({"player.discriminator.steps=2", "turns.order=simultaneous", "turns.unit=round",
                   "turns.phase.first.until=2", "turns.phase.first.order=alternating"},
                  4),
            times("DDG.", 2) + times("DG.", 2));
}

TEST(TurnOrder, OfAListMovesAGroupFromTheSamePoint) {
  EXPECT_EQ(moves({"turns.order=list", "turns.list=['discriminator', 'discriminator + generator']"}, 3),
            "DDG.DDG.DDG.");
  // As simultaneous turns move both, and unlike alternating ones.
  const auto weights = [](const std::vector<std::string>& overrides) {
    Training training(tiny(kTinyRing, overrides));
    training.rounds(3);
    return training.weights("generator").clone();
  };
  const auto group = weights({"turns.order=list", "turns.list=['discriminator+generator']"});
  EXPECT_TRUE(torch::equal(group, weights({"turns.order=simultaneous"})));
  EXPECT_FALSE(torch::equal(group, weights({})));
}

TEST(TurnOrder, OfAPhaseGoesOnAfterAResumeWhereItWas) {
  const auto recipe = tiny(kTinyRing, kPretrained);
  Training whole(recipe);
  whole.rounds(8);
  expect_goes_on(whole, recipe, 6);
}

TEST(TurnOrder, OfAPhaseMultipliesLearningRates) {
  // SGD's steps are as long as its rate.
  const auto moved = [](const std::vector<std::string>& more) {
    std::vector<std::string> overrides = {"player.discriminator.optimizer=sgd", "turns.order=list",
                                          "turns.list=['discriminator']"};
    overrides.insert(overrides.end(), more.begin(), more.end());
    Training training(tiny(kTinyRing, overrides));
    const auto before = training.weights("discriminator").clone();
    training.rounds(1);
    return (training.weights("discriminator") - before).norm().item<double>();
  };
  const double plain = moved({});
  const double slow = moved({"turns.phase.warm.until=1", "turns.phase.warm.order=list",
                             "turns.phase.warm.list=['discriminator']", "turns.phase.warm.rate=0.1"});
  EXPECT_NEAR(slow / plain, 0.1, 1e-4);
}

TEST(TurnOrder, OfAPlayerThatStartsLaterCountsTheBatchOfTheRound) {
  // Rounded numbers: 0.7 and 0.1 kimg are less than 0.8 in binary.
  const TurnOrder order(tiny(kTinyRing, {"batch=100", "player.generator.start=0.8"}),
                        {{"discriminator", {}}, {"generator", {}}});
  const auto at = [&](double kimg) { return to_string(order.at({.kimg = kimg}, 0, [](auto&) { return 0; })); };
  EXPECT_EQ(at(0.6), "discriminator");
  EXPECT_EQ(at(0.7), "discriminator, generator");
}

TEST(TurnOrder, RoundsTheEndsOfPhasesAndNumbersOfSteps) {
  // 0.7 and 0.1 are less than 0.8 in binary.
  const std::vector<PlayerSpec> players = {{"discriminator", {}}, {"generator", {}}};
  const auto at = [&](const std::string& more, double kimg) {
    const TurnOrder order(tiny(kTinyRing, {"turns.phase.d.until=0.8", "turns.phase.d.order=list",
                                           "turns.phase.d.list=['discriminator']", more}),
                          players);
    return to_string(order.at({.kimg = kimg}, 0, [](auto&) { return 0; }));
  };
  EXPECT_EQ(at("seed=1", 0.7 + 0.1), "discriminator, generator");
  EXPECT_EQ(at("player.discriminator.steps=1.6", 1), "discriminator, discriminator, generator");
}

TEST(TurnOrder, SaysItselfInLines) {
  auto keys = kPretrained;
  keys.emplace_back("turns.phase.pretrain.rate=0.5");
  const std::vector<PlayerSpec> players = {{"discriminator", {}}, {"generator", {}}};
  EXPECT_EQ(TurnOrder(tiny(kTinyRing, keys), players).lines(),
            (std::vector<std::string>{"pretrain, until 0.16 kimg: discriminator (learning rates times 0.5)",
                                      "then: discriminator, generator"}));
  EXPECT_EQ(TurnOrder(tiny(kTinyRing, {"turns.order=simultaneous"}), players).lines(),
            (std::vector<std::string>{"discriminator + generator"}));
}

TEST(TurnOrder, RefusesWhatCannotBeFollowed) {
  const auto refused = [](const std::vector<std::string>& overrides) {
    return error_of([&] { Training(tiny(kTinyRing, overrides)); }, Fault::recipe);
  };
  EXPECT_EQ(refused({"turns.phase.a.rate=1"}),
            "turns.phase.a: has no end; expected until = the kimg at which the next phase begins");
  EXPECT_EQ(refused({"turns.phase.a.until=1", "turns.phase.b.until=1"}),
            "turns.phase.a and turns.phase.b both end at 1 kimg; expected one after the other");
  EXPECT_EQ(refused({"turns.repeat=true"}),
            "turns.repeat: there are no phases to repeat; add [turns.phase.NAME], or leave it out");
  EXPECT_EQ(refused({"turns.order=list", "turns.list=['generator + generator']"}),
            "turns.list: 'generator + generator' moves generator twice from the same point; expected each player once");
  EXPECT_EQ(refused({"turns.phase.a.until=1", "turns.phase.a.order=list", "turns.phase.a.list=['generatr']"}),
            "turns.phase.a.list: 'generatr' is not a player of game \"adversarial\"; it has discriminator, generator; "
            "did you mean 'generator'?");
  EXPECT_EQ(refused({"turns.phase.a.until=1", "turns.phase.a.order=list"}),
            "turns.phase.a.list is empty; expected players in the order of their moves");
}

}  // namespace
}  // namespace duet
