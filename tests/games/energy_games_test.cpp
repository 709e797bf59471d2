// Games whose discriminator is an autoencoder: EBGAN and BEGAN.
#include "duet/games/energy.h"

#include "tests/games/judged.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64);
}

/// A game on batches of one number each whose energies are that number: the decoder always gives 0, and the energy is
/// the mean distance.
class EnergyGame : public testing::Test {
 protected:
  void begin(const std::string& kind, const std::vector<std::string>& keys) {
    std::vector<std::string> overrides = {"game.kind=" + kind};
    overrides.insert(overrides.end(), keys.begin(), keys.end());
    const auto recipe = parse_recipe("[game]\nkind = 'ebgan'\n", "toy", overrides, catalogues());
    game_ = make_game(recipe.game);
    turn_ = turn_on(numbers({3, 1, 2}).view({3, 1}), numbers({4, 7, 1}).view({3, 1}), make_generator(1));
    turn_.nets["encoder"] = made_up([](const Tensor& x, const Tensor&) { return x; });
    turn_.nets["decoder"] = made_up([](const Tensor& code, const Tensor&) { return torch::zeros_like(code); });
  }
  Loss loss(const std::string& player) const { return game_->loss(player, turn_); }
  double total(const std::string& player) const { return loss(player).total().item<double>(); }
  void play(const std::string& player) { game_->moved(player, turn_, loss(player)); }
  double state(size_t i) { return game_->state().at(i).second.item<double>(); }

  std::unique_ptr<Game> game_;
  Turn turn_;
};

// Energies 3, 1, 2 of real examples and 4, 7, 1 of fakes, and the margin 5: worked out by hand from the formulas.
TEST_F(EnergyGame, OfEbganHoldsFakesAgainstItsMarginOneByOneOrTogether) {
  begin("ebgan", {"game.energy=mean_distance", "game.hinge=mean"});
  EXPECT_NEAR(total("discriminator"), 3, 1e-12);
  EXPECT_NEAR(total("generator"), 4, 1e-12);
  begin("ebgan", {"game.energy=mean_distance", "game.hinge=each"});
  EXPECT_NEAR(total("discriminator"), 2 + 5.0 / 3, 1e-12);
}

TEST_F(EnergyGame, OfEbganPullsCodesApart) {
  begin("ebgan", {"game.energy=mean_distance", "game.pulling_away=0.1", "game.code=2"});
  // Directions at 0, 60 and 90 degrees: squared cosines 1/4, 0 and 3/4, each pair counted twice of six.
  turn_.nets["encoder"] = made_up(
      [](const Tensor&, const Tensor&) { return numbers({2, 0, 0.5, 0.5 * std::sqrt(3.0), 0, 7}).view({3, 2}); });
  turn_.nets["decoder"] = made_up([](const Tensor&, const Tensor&) { return numbers({0, 0, 0}).view({3, 1}); });
  const auto found = loss("generator");
  ASSERT_EQ(found.terms.size(), 2u);
  EXPECT_EQ(found.terms[1].name, "pulling_away");
  EXPECT_NEAR(found.terms[1].value.item<double>(), (0.25 + 0 + 0.75) / 3, 1e-12);
  EXPECT_EQ(found.terms[1].weight, 0.1);
}

TEST_F(EnergyGame, OfBeganSteersByTheControllersFormula) {
  begin("began", {"game.gamma=0.5", "game.gain=1e-3"});
  game_->state().at(0).second.fill_(0.1);
  EXPECT_NEAR(total("discriminator"), 1.6, 1e-12);
  play("discriminator");
  const auto generator = loss("generator");
  EXPECT_NEAR(generator.total().item<double>(), 4, 1e-12);
  ASSERT_EQ(generator.watched.size(), 1u);
  EXPECT_NEAR(generator.watched[0].value.item<double>(), 5, 1e-12) << "convergence";
  play("generator");
  EXPECT_NEAR(state(0), 0.097, 1e-12);
  // k stays within 0 and 1.
  for (int i = 0; i < 40; ++i) play("generator");
  EXPECT_EQ(state(0), 0);
}

TEST_F(EnergyGame, OfEbganGoesByItsMarginAndWatchesTheEnergyOfFakes) {
  begin("ebgan", {"game.energy=mean_distance", "game.hinge=mean", "game.margin=6"});
  const auto found = loss("discriminator");
  EXPECT_NEAR(found.total().item<double>(), 2 + 2, 1e-12);
  EXPECT_NEAR(found.watched.at(0).value.item<double>(), 4, 1e-12);
}

TEST_F(EnergyGame, OfEbganPullsFinitelyAtCodesOfZero) {
  begin("ebgan", {"game.pulling_away=0.1", "game.code=2"});
  const auto codes = torch::tensor({{0.0, 0.0}, {1.0, 2.0}, {0.0, 0.0}}, torch::kFloat64).requires_grad_();
  turn_.nets["encoder"] = made_up([&](const Tensor&, const Tensor&) { return codes * 1; });
  turn_.nets["decoder"] = made_up([](const Tensor& code, const Tensor&) { return code.narrow(1, 0, 1); });
  const auto total = loss("generator").total();
  EXPECT_TRUE(std::isfinite(total.item<double>()));
  EXPECT_TRUE(torch::isfinite(torch::autograd::grad({total}, {codes})[0]).all().item<bool>());
}

TEST_F(EnergyGame, OfBeganTellsOfItsControllerAsItWasInTheTurn) {
  begin("began", {"game.gamma=0.3", "game.gain=1"});
  const auto found = loss("discriminator");
  game_->moved("discriminator", turn_, found);
  // Energies of 2 and 1: k becomes min(1, 0.3 * 2 + ...) step by step.
  turn_.nets["generator"] =
      made_up([](const Tensor&, const Tensor&) { return torch::full({3, 1}, 0.5, torch::kFloat64); });
  play("generator");
  EXPECT_NEAR(state(0), 0.3 * 2 - 0.5, 1e-12);
  EXPECT_EQ(found.watched.at(0).value.item<double>(), 0) << "as it was when D moved";
  for (int i = 0; i < 40; ++i) play("generator");
  EXPECT_EQ(state(0), 1);
}

TEST(Energy, IsTheDistanceThatItsKeySays) {
  Turn turn;
  turn.nets["encoder"] = made_up([](const Tensor& x, const Tensor&) { return x.flatten(1); });
  turn.nets["decoder"] =
      made_up([](const Tensor& code, const Tensor&) { return torch::zeros_like(code).view({2, 1, 1, 2}); });
  const auto x = numbers({3, -4, 1, 0}).view({2, 1, 1, 2});
  const auto energy = [&](const std::string& how) {
    EnergyConfig config;
    config.energy = how;
    return energies_of({x}, turn, config).values[0];
  };
  EXPECT_TRUE(torch::equal(energy("squares"), numbers({25, 1})));
  EXPECT_TRUE(torch::equal(energy("mean_squares"), numbers({12.5, 0.5})));
  EXPECT_TRUE(torch::equal(energy("mean_distance"), numbers({3.5, 0.5})));
}

constexpr const char* kBegan = R"toml(
batch = 16
[data]
spec = "ring"
[latent]
size = 4
[game]
kind = "began"
code = 3
gain = 0.1
[network.encoder]
kind = "mlp"
widths = [8]
[network.decoder]
kind = "mlp"
widths = [8]
[network.generator]
kind = "mlp"
widths = [8]
[player.discriminator]
lr = 1e-3
[player.generator]
lr = 1e-3
)toml";

TEST(Began, GoesOnWithItsControllerAfterAResumeToTheBit) {
  const auto recipe = tiny(kBegan);
  Training training(recipe);
  training.rounds(5);
  const auto k = training.trainer.save().tensors.at("game/k").item<double>();
  EXPECT_GT(k, 0);
  expect_goes_on(training, recipe);
  EXPECT_NE(training.trainer.save().tensors.at("game/k").item<double>(), k);
}

TEST(Began, OfOneCodeKeepsTheBatchOfAGeneratorThatMovesAgain) {
  Training training(tiny(kBegan, {"game.code=1", "player.generator.steps=2"}));
  training.rounds(3);
  EXPECT_EQ(training.feed.cursor(), 3 * 16);
}

}  // namespace
}  // namespace duet
