// Games with a known closed-form course, in every order of turns: bilinear f = xy, three players in a circle, and a GAN
// on one point (Dirac-GAN: Mescheder et al. 2018, arXiv:1801.04406).
#include <cmath>

#include "tests/train/goes_on.h"
#include "tests/train/on_numbers.h"

namespace duet {
namespace {

constexpr double kExact = 1e-12;
constexpr double kRate = 0.1;
const std::vector<std::string> kTwo = {"x", "y"}, kThree = {"a", "b", "c"};

/// x minimises xy, y maximises it.
std::unique_ptr<Game> bilinear() {
  return std::make_unique<OnNumbers>(kTwo, 1, [](const std::string& player, const Named& n) {
    const auto f = (n.at("x") * n.at("y")).sum();
    return player == "x" ? f : -f;
  });
}

TEST(Bilinear, SpiralsOutwardsWhenSimultaneous) {
  const ToyGame toy("numbers", bilinear);
  NumbersTraining game(kTwo, 1, {"turns.order=simultaneous"});
  game.set("x", {1}), game.set("y", {1});
  double x = 1, y = 1;
  for (int t = 1; t <= 100; ++t) {
    game.training.rounds(1);
    std::tie(x, y) = std::pair(x - kRate * y, y + kRate * x);
    ASSERT_NEAR(game.at("x"), x, kExact);
    ASSERT_NEAR(game.at("y"), y, kExact);
    const double radius = std::hypot(game.at("x"), game.at("y"));
    ASSERT_NEAR(radius / (std::sqrt(2) * std::pow(1 + kRate * kRate, t / 2.0)), 1, kExact);
  }
}

TEST(Bilinear, CirclesWhenAlternatingAndTheOtherWayRoundInReverse) {
  const ToyGame toy("numbers", bilinear);
  for (const bool reversed : {false, true}) {
    NumbersTraining game(
        kTwo, 1,
        reversed ? std::vector<std::string>{"turns.order=list", "turns.list=['y', 'x']"} : std::vector<std::string>{});
    game.set("x", {1}), game.set("y", {1});
    double x = 1, y = 1;
    for (int t = 1; t <= 200; ++t) {
      game.training.rounds(1);
      if (!reversed) x -= kRate * y;
      y += kRate * x;
      if (reversed) x -= kRate * y;
      ASSERT_NEAR(game.at("x"), x, kExact) << t;
      ASSERT_NEAR(game.at("y"), y, kExact) << t;
      // This order's invariant: an ellipse.
      ASSERT_NEAR(x * x + y * y - (reversed ? -1 : 1) * kRate * x * y, 2 + (reversed ? kRate : -kRate), 1e-10) << t;
    }
  }
}

TEST(ThreePlayers, MoveAroundTheirMeanWhichStays) {
  // a (b - c) + b (c - a) + c (a - b) = 0.
  const ToyGame toy("numbers", [] {
    return std::make_unique<OnNumbers>(kThree, 1, [](const std::string& player, const Named& n) {
      const auto &a = n.at("a"), &b = n.at("b"), &c = n.at("c");
      return (player == "a" ? a * (b - c) : player == "b" ? b * (c - a) : c * (a - b)).sum();
    });
  });
  NumbersTraining game(kThree, 1, {"turns.order=simultaneous"});
  game.set("a", {3}), game.set("b", {-1}), game.set("c", {1});
  const auto radius = [&] { return std::hypot(game.at("a") - 1, game.at("b") - 1, game.at("c") - 1); };
  const double first = radius();
  for (int t = 1; t <= 50; ++t) {
    game.training.rounds(1);
    ASSERT_NEAR(game.at("a") + game.at("b") + game.at("c"), 3, 1e-11);
    ASSERT_NEAR(radius() / (first * std::pow(1 + 3 * kRate * kRate, t / 2.0)), 1, 1e-11);
  }
  // With alternating turns each sees the moves of those before it.
  NumbersTraining turns(kThree, 1, {});
  double a = 3, b = -1, c = 1;
  turns.set("a", {a}), turns.set("b", {b}), turns.set("c", {c});
  for (int t = 0; t < 50; ++t) {
    turns.training.rounds(1);
    a -= kRate * (b - c), b -= kRate * (c - a), c -= kRate * (a - b);
    ASSERT_NEAR(turns.at("a"), a, 1e-11);
    ASSERT_NEAR(turns.at("b"), b, 1e-11);
    ASSERT_NEAR(turns.at("c"), c, 1e-11);
  }
}

TEST(ThreePlayers, GoOnAfterAResumeToTheBit) {
  const ToyGame toy("numbers", bilinear);
  for (const char* order : {"alternating", "simultaneous"}) {
    NumbersTraining whole(kTwo, 1, {std::string("turns.order=") + order, "player.x.optimizer=adam"});
    whole.training.rounds(5);
    expect_goes_on(whole.training, whole.recipe, 5);
  }
}

/// Distance from the equilibrium (0, 0) after each round: G is one number, D a slope, the data are zero.
std::vector<double> dirac(const std::string& r1) {
  Training training(
      tiny("kimg = 10\nbatch = 4\nprecision = 'fp64'\n[data]\nspec = 'nothing'\n"
           "[latent]\nkind = 'uniform'\nlow = 1\nhigh = 1\nsize = 1\n"
           "[game]\nkind = 'adversarial'\nobjective = 'minimax'\n[turns]\norder = 'simultaneous'\n"
           "[network.generator]\nkind = 'layers'\nlayers = ['dense(1, bias=false)']\n"
           "[network.discriminator]\nkind = 'layers'\nlayers = ['dense(1, bias=false)']\n"
           "[player.generator]\noptimizer = 'sgd'\nlr = 0.1\n"
           "[player.discriminator]\noptimizer = 'sgd'\nlr = 0.1\n",
           {"game.r1=" + r1}));
  for (const char* name : {"generator", "discriminator"}) Tensor(training.weights(name)).fill_(1);
  std::vector<double> distances;
  for (int t = 0; t < 600; ++t) {
    training.rounds(1);
    distances.push_back(
        std::hypot(training.weights("generator").item<double>(), training.weights("discriminator").item<double>()));
  }
  return distances;
}

TEST(DiracGan, NeverArrivesWithoutR1AndDoesWithIt) {
  const auto plain = dirac("0");
  for (size_t t = 1; t < plain.size(); ++t) ASSERT_GE(plain[t], plain[t - 1]) << t;
  EXPECT_LT(dirac("0.5").back(), 1e-5);
}

}  // namespace
}  // namespace duet
