// Rock, paper, scissors between two mixed strategies, with the table of keras-adversarial's example: players that see
// the other's present strategy cycle, players that look ahead converge. Measured on 20 initial strategies by an
// independent program: deviation from a third after 600 rounds, simultaneous .53 and alternating .52 (medians);
// first-order unrolling of depth 1 .51, 2 .43, 4 .21, 8 below .003 (the worst); with the full derivative 5 and 8 at
// most .0001.
#include <cmath>

#include "tests/train/goes_on.h"
#include "tests/train/on_numbers.h"

namespace duet {
namespace {

const std::vector<std::string> kPlayers = {"a", "b"};

/// Probability that p beats q: paper beats rock, scissors paper, rock scissors.
Tensor beats(const Tensor& p, const Tensor& q) { return (p * torch::roll(q, {1}, {0})).sum(); }

std::unique_ptr<Game> rock_paper_scissors() {
  return std::make_unique<OnNumbers>(kPlayers, 3, [](const std::string& player, const Named& n) {
    const auto& own = n.at(player);
    const auto& other = n.at(player == "a" ? "b" : "a");
    return 1 - beats(own.softmax(0), other.softmax(0)) + 0.01 * own.square().sum();
  });
}

std::vector<std::string> keys(int seed, const std::vector<std::string>& more) {
  std::vector<std::string> all = {"network.a.init='uniform(1.2247)'", "network.b.init='uniform(1.2247)'",
                                  "player.a.lr=1", "player.b.lr=1", fmt::format("seed={}", seed)};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

double deviation(NumbersTraining& game) {
  double most = 0;
  for (const auto& name : kPlayers)
    most = std::max(most, (game.training.weights(name).softmax(0) - 1.0 / 3).abs().max().item<double>());
  return most;
}

/// Deviation after 600 rounds, for some initial strategies, from the smallest to the largest.
std::vector<double> deviations(int seeds, const std::vector<std::string>& more) {
  std::vector<double> all;
  for (int seed = 0; seed < seeds; ++seed) {
    NumbersTraining game(kPlayers, 3, keys(seed, more));
    game.training.rounds(600);
    all.push_back(deviation(game));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> unrolled(int depth, const char* gradient) {
  return {"turns.order=simultaneous", fmt::format("player.a.unroll={}", depth),
          fmt::format("player.b.unroll={}", depth), fmt::format("player.a.unroll_gradient={}", gradient),
          fmt::format("player.b.unroll_gradient={}", gradient)};
}

TEST(RockPaperScissors, CyclesWhereNobodyLooksAhead) {
  const ToyGame toy("numbers", rock_paper_scissors);
  EXPECT_NEAR(deviations(5, {"turns.order=simultaneous"})[2], 0.53, 0.05);
  EXPECT_NEAR(deviations(5, {})[2], 0.52, 0.05);
}

TEST(RockPaperScissors, ArrivesWhereBothLookFarEnoughAhead) {
  const ToyGame toy("numbers", rock_paper_scissors);
  EXPECT_GT(deviations(3, unrolled(1, "first")).back(), 0.4);
  EXPECT_LT(deviations(2, unrolled(8, "first")).back(), 0.003);
  EXPECT_LT(deviations(2, unrolled(5, "full")).back(), 0.0005);
}

TEST(Slow_RockPaperScissors, HasTheWholeTable) {
  const ToyGame toy("numbers", rock_paper_scissors);
  EXPECT_NEAR(deviations(20, {"turns.order=simultaneous"})[10], 0.53, 0.03);
  EXPECT_NEAR(deviations(20, {})[10], 0.52, 0.03);
  EXPECT_NEAR(deviations(5, unrolled(1, "first")).back(), 0.51, 0.08);
  EXPECT_NEAR(deviations(5, unrolled(2, "first")).back(), 0.43, 0.08);
  EXPECT_NEAR(deviations(5, unrolled(4, "first")).back(), 0.21, 0.08);
  EXPECT_LT(deviations(5, unrolled(8, "first")).back(), 0.003);
  EXPECT_LT(deviations(1, unrolled(30, "first")).back(), 1e-4);
  EXPECT_LT(deviations(3, unrolled(8, "full")).back(), 0.0005);
}

TEST(Unrolling, TakesTheTotalDerivativeOnlyWhereAsked) {
  // f = xy + y^2 / 2 for x, the negative of it for y. After one step of y at rate r, y' = y - r(x + y) ... see below.
  const double x = 0.7, y = -0.3, r = 0.1;
  const ToyGame toy("numbers", [] {
    return std::make_unique<OnNumbers>(std::vector<std::string>{"x", "y"}, 1,
                                       [](const std::string& player, const Named& n) {
                                         const auto f = (n.at("x") * n.at("y")).sum() + n.at("y").square().sum() / 2;
                                         return player == "x" ? f : -f;
                                       });
  });
  const auto moved = [&](const std::string& gradient) {
    NumbersTraining game(
        {"x", "y"}, 1,
        {"turns.order=list", "turns.list=['x']", "player.x.unroll=1", "player.x.unroll_gradient=" + gradient});
    game.set("x", {x}), game.set("y", {y});
    game.training.rounds(1);
    EXPECT_EQ(game.at("y"), y) << "who is looked at stays where it is";
    return (x - game.at("x")) / r;
  };
  // y climbs f: y' = y + r (x + y). Then df/dx = y', and by y': (x + y') dy'/dx = (x + y') r.
  const double ahead = y + r * (x + y);
  EXPECT_NEAR(moved("first"), ahead, 1e-12);
  EXPECT_NEAR(moved("full"), ahead + (x + ahead) * r, 1e-12);
}

TEST(Unrolling, OfAGanAgreesWithFiniteDifferencesThroughEveryOptimizer) {
  for (const char* optimizer : {"sgd", "rmsprop", "adam"}) {
    SCOPED_TRACE(optimizer);
    const auto recipe = tiny(kTinyRing, {"precision=fp64", "turns.order=list", "turns.list=['generator']",
                                         "network.generator.activation=tanh", "network.discriminator.activation=tanh",
                                         "player.generator.optimizer=sgd", "player.generator.lr=1e-3",
                                         std::string("player.discriminator.optimizer=") + optimizer,
                                         "player.generator.unroll=3", "player.generator.unroll_gradient=full"});
    // G's step is its rate times the gradient; its loss is the term that is logged.
    Training first(recipe);
    const auto begin = snapshot(first.trainer);
    const auto before = first.weights("generator").clone();
    first.rounds(1);
    const auto gradient = (before - first.weights("generator")) / 1e-3;
    const auto loss = [&](int64_t i, double by) {
      Training other(recipe);
      other.trainer.load(begin);
      Tensor(other.weights("generator"))[i] += by;
      other.rounds(1);
      return other.trainer.read().means.at(0).second;
    };
    constexpr double kStep = 1e-5;
    for (const int64_t i : {0, 5, 17, 33}) {
      const double expected = (loss(i, kStep) - loss(i, -kStep)) / (2 * kStep);
      EXPECT_NEAR(gradient[i].item<double>(), expected, 1e-6 + 1e-4 * std::abs(expected)) << i;
    }
  }
}

TEST(Unrolling, GoesThroughStepsOfUnitsThatAreDead) {
  // A unit that no example reaches has a gradient of 0, where the root in Adam's and RMSprop's steps has no slope.
  for (const char* optimizer : {"adam", "rmsprop"}) {
    Training training(
        tiny(kTinyRing, {"network.discriminator.activation=relu", "network.discriminator.init='normal(1)'",
                         "network.discriminator.bias_init=-5", "player.generator.unroll=3",
                         std::string("player.discriminator.optimizer=") + optimizer}));
    training.rounds(5);
    EXPECT_NO_THROW(training.trainer.read()) << optimizer;
  }
}

TEST(Unrolling, LeavesTheOpponentAsItIs) {
  for (const char* gradient : {"first", "full"}) {
    const auto recipe = tiny(kTinyDigits, {"turns.order=list", "turns.list=['generator']", "player.generator.unroll=2",
                                           std::string("player.generator.unroll_gradient=") + gradient});
    Training training(recipe);
    const auto before = snapshot(training.trainer);
    training.rounds(2);
    const auto after = training.trainer.save();
    int compared = 0;
    for (const auto& [name, value] : before.tensors)
      if (name.find("discriminator") != std::string::npos) {
        EXPECT_TRUE(torch::equal(value, after.tensors.at(name))) << name;
        ++compared;
      }
    EXPECT_GT(compared, 3);
    EXPECT_EQ(after.text("updates.discriminator"), "0");
  }
}

TEST(Unrolling, OfDepthZeroIsNone) {
  Training plain(tiny(kTinyDigits)), zero(tiny(kTinyDigits, {"player.generator.unroll=0"}));
  plain.rounds(3), zero.rounds(3);
  expect_same(zero.trainer.save(), plain.trainer.save());
}

TEST(Unrolling, GoesOnAfterAResumeToTheBit) {
  const auto recipe = tiny(kTinyDigits, {"player.generator.unroll=2", "player.discriminator.unroll=1",
                                         "player.generator.unroll_gradient=full"});
  Training whole(recipe);
  whole.rounds(3);
  expect_goes_on(whole, recipe, 3);
}

/// What x pays for y, which begins at 1, after its look-ahead steps down y^2. The rates are 0.1 unless a key says
/// otherwise.
double ahead_of_y(const std::vector<std::string>& more) {
  const ToyGame toy("numbers", [] {
    return std::make_unique<OnNumbers>(
        std::vector<std::string>{"x", "y"}, 1, [](const std::string& player, const Named& n) {
          return player == "x" ? (n.at("x") * n.at("y")).sum() : n.at("y").square().sum();
        });
  });
  std::vector<std::string> keys = {"turns.order=list", "turns.list=['x']", "player.x.unroll=2"};
  keys.insert(keys.end(), more.begin(), more.end());
  NumbersTraining game({"x", "y"}, 1, keys);
  game.set("x", {0}), game.set("y", {1});
  game.training.rounds(1);
  return -game.at("x");  // times x's rate
}

TEST(Unrolling, StepsAtTheRatesOfThePhaseAndOfEachStep) {
  EXPECT_NEAR(ahead_of_y({}), 0.1 * 0.8 * 0.8, 1e-12);
  // Half of both rates, x's and y's.
  EXPECT_NEAR(ahead_of_y({"turns.phase.warm.until=1", "turns.phase.warm.order=list", "turns.phase.warm.list=['x']",
                          "turns.phase.warm.rate=0.5"}),
              0.05 * 0.9 * 0.9, 1e-12);
  // Only y's first step has a rate.
  EXPECT_NEAR(ahead_of_y({"player.y.lr={shape = 'steps', from = 0.1, values = [0], at = [1], unit = 'update'}"}),
              0.1 * 0.8, 1e-12);
}

TEST(Unrolling, LimitsEachOpponentsGradientByItsOwnNorm) {
  const ToyGame toy("numbers", [] {
    return std::make_unique<OnNumbers>(std::vector<std::string>{"x", "y", "z"}, 1,
                                       [](const std::string& player, const Named& n) {
                                         if (player == "x") return (n.at("x") * (n.at("y") + n.at("z"))).sum();
                                         return player == "y" ? 0.5 * n.at("y").sum() : 8 * n.at("z").sum();
                                       });
  });
  NumbersTraining game(
      {"x", "y", "z"}, 1,
      {"turns.order=list", "turns.list=['x']", "player.x.unroll=1", "player.y.clip_norm=1", "player.z.clip_norm=1"});
  game.set("x", {0}), game.set("y", {2}), game.set("z", {3});
  game.training.rounds(1);
  EXPECT_NEAR(game.at("x"), -0.1 * (2 - 0.1 * 0.5 + 3 - 0.1 * 1), 1e-9);
}

/// One player moves x, the other p and q, of which the former pays the sum.
class AgainstTwo final : public Game {
 public:
  GameSpec spec(const DataKind&, const LatentConfig&) const override {
    GameSpec spec{.players = {{"x", {"x"}}, {"pair", {"p", "q"}}}, .networks = {}};
    for (const char* name : {"x", "p", "q"})
      spec.networks.push_back({.name = name, .input = {1, 1, 1}, .output = {1, 1, 1}});
    return spec;
  }
  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto of = [&](const char* name) { return turn(name, turn.x().narrow(0, 0, 1) + 1).sum(); };
    Loss loss;
    loss.add("loss", player == "x" ? of("x") * (of("p") + of("q")) : 0.5 * of("p") + 2 * of("q"));
    return loss;
  }
};

TEST(Unrolling, OverSeveralNetworksOfAPlayerStepsEachAndGivesAllBack) {
  const ToyGame toy("numbers", [] { return std::make_unique<AgainstTwo>(); });
  std::string text = "kimg = 10\nbatch = 1\nprecision = 'fp64'\n[data]\nspec = 'nothing'\n[game]\nkind = 'numbers'\n";
  for (const char* name : {"x", "p", "q"})
    text += fmt::format("[network.{}]\nkind = 'layers'\nlayers = ['dense(1, bias=false)']\n", name);
  for (const char* name : {"x", "pair"}) text += fmt::format("[player.{}]\noptimizer = 'sgd'\nlr = 0.1\n", name);
  Training training(tiny(text.c_str(), {"turns.order=list", "turns.list=['x', 'pair']", "player.x.unroll=1"}));
  const auto at = [&](const char* name) { return training.weights(name).item<double>(); };
  Tensor(training.weights("x")).fill_(0), Tensor(training.weights("p")).fill_(4),
      Tensor(training.weights("q")).fill_(7);
  training.rounds(1);
  EXPECT_NEAR(at("x"), -0.1 * (4 - 0.05 + 7 - 0.2), 1e-12);
  EXPECT_NEAR(at("p"), 4 - 0.05, 1e-12) << "its own move begins at its own weights";
  EXPECT_NEAR(at("q"), 7 - 0.2, 1e-12);
}

/// Its players use y as it was made once for the batch; y's loss is weighed by a schedule.
class MadeOnce final : public Game {
 public:
  GameSpec spec(const DataKind&, const LatentConfig&) const override {
    GameSpec spec;
    for (const char* name : {"x", "y", "z"}) {
      spec.players.push_back({name, {name}});
      spec.networks.push_back({.name = name, .input = {1, 1, 1}, .output = {1, 1, 1}});
    }
    return spec;
  }
  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto of = [&](const std::string& name) { return turn(name, turn.x().narrow(0, 0, 1) + 1).sum(); };
    const auto y = turn.once("y", [&] { return of("y"); });
    Schedule weight(2);
    weight.shape = "steps", weight.unit = "update", weight.values = {0}, weight.at_times = {1};
    Loss loss;
    loss.add("loss", player == "y" ? y * y / 2 * turn.value(weight) : of(player) * y);
    return loss;
  }
};

TEST(Unrolling, KeepsWhatWasMadeInItFromTheOthersAndFollowsSchedulesStepByStep) {
  const ToyGame toy("numbers", [] { return std::make_unique<MadeOnce>(); });
  NumbersTraining game({"x", "y", "z"}, 1, {"turns.order=list", "turns.list=['x + z']", "player.x.unroll=2"});
  game.set("x", {0}), game.set("y", {5}), game.set("z", {0});
  game.training.rounds(1);
  EXPECT_NEAR(game.at("x"), -0.1 * (5 - 0.1 * 2 * 5), 1e-12) << "the second step weighs nothing";
  EXPECT_NEAR(game.at("z"), -0.1 * 5, 1e-12) << "z does not look ahead";
}

TEST(Unrolling, OfLinearLossesSeesTheOpponentTheWholeWayAhead) {
  // x pays x y, y pays 2 y: after two steps of its own y is lower by 2 * 0.1 * 2, whatever x does.
  const ToyGame toy("numbers", [] {
    return std::make_unique<OnNumbers>(std::vector<std::string>{"x", "y"}, 1,
                                       [](const std::string& player, const Named& n) {
                                         return player == "x" ? (n.at("x") * n.at("y")).sum() : 2 * n.at("y").sum();
                                       });
  });
  for (const char* gradient : {"first", "full"}) {
    NumbersTraining game(
        {"x", "y"}, 1,
        {"player.x.unroll=2", std::string("player.x.unroll_gradient=") + gradient, "turns.order=simultaneous"});
    game.set("x", {1}), game.set("y", {3});
    game.training.rounds(1);
    EXPECT_NEAR(game.at("x"), 1 - 0.1 * (3 - 2 * 0.1 * 2), 1e-12) << gradient;
    EXPECT_NEAR(game.at("y"), 3 - 0.1 * 2, 1e-12) << gradient;
  }
}

}  // namespace
}  // namespace duet
