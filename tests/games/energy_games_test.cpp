// Games whose discriminator is an autoencoder: EBGAN, BEGAN and MAGAN.
#include "duet/games/energy.h"

#include "tests/games/judged.h"
#include "tests/gradient.h"
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
  EXPECT_TRUE(torch::equal(energy("distance"), numbers({7, 1})));
  EXPECT_TRUE(torch::equal(energy("mean_distance"), numbers({3.5, 0.5})));
}

TEST_F(EnergyGame, OfEbganPullsCodesApartWithTheGradientOfCentralDifferences) {
  begin("ebgan", {"game.energy=squares", "game.pulling_away=0.1", "game.code=2"});
  const auto weight = numbers({0.3, -0.8, 0.5, 0.4, 1.1, -0.2}).view({3, 2}).requires_grad_();
  turn_.nets["encoder"] = made_up([&](const Tensor&, const Tensor&) { return weight; });
  turn_.nets["decoder"] = made_up([](const Tensor& code, const Tensor&) { return code.sum(1, true); });
  EXPECT_TRUE(check_gradients([&] { return loss("generator").total(); }, {weight}));
}

TEST_F(EnergyGame, OfBeganKeepsItsGainBetweenZeroAndOneWhateverTheEnergies) {
  begin("began", {"game.gamma=0.5", "game.gain=1"});
  auto draw = make_generator(3);
  double lowest = 1, highest = 0;
  for (int i = 0; i < 200; ++i) {
    turn_.given["x"] = torch::empty({3, 1}, torch::kFloat64).exponential_(1, draw);
    const auto fake = torch::empty({3, 1}, torch::kFloat64).exponential_(1, draw);
    turn_.nets["generator"] = made_up([fake](const Tensor&, const Tensor&) { return fake; });
    play("discriminator"), play("generator");
    lowest = std::min(lowest, state(0)), highest = std::max(highest, state(0));
  }
  EXPECT_EQ(lowest, 0);
  EXPECT_GT(highest, 0.3);
  EXPECT_LE(highest, 1);
  // Fakes of no energy drive it to its upper end.
  turn_.nets["generator"] = made_up([](const Tensor&, const Tensor&) { return numbers({0, 0, 0}).view({3, 1}); });
  for (int i = 0; i < 50; ++i) play("discriminator"), play("generator");
  EXPECT_EQ(state(0), 1);
}

/// Energies of windows of one update each, and the margins after them.
struct Windows {
  const char* why;
  std::vector<double> real, made, margin;
};

// Worked out by hand: the margin falls to the real energy where that is lower than the margin and than the made one,
// and the made one has risen.
TEST_F(EnergyGame, OfMaganHasTheMarginOfItsRule) {
  for (const auto& row : {
           Windows{"all three hold from the second window on", {9, 8, 7, 6}, {10, 11, 12, 13}, {9, 8, 7, 6}},
           Windows{"the made energy falls from the first to the second", {9, 8}, {10, 9}, {9, 9}},
           Windows{"the made energy falls on", {9, 8, 7}, {12, 11, 10}, {9, 9, 9}},
           Windows{"the real energy is above the margin", {5, 6, 7, 4}, {8, 9, 10, 11}, {5, 5, 5, 4}},
           Windows{"the real energy is above the made one", {9, 8, 7}, {1, 2, 8}, {9, 9, 7}},
           Windows{"equal is not lower, and not risen", {9, 9, 8, 8}, {10, 11, 11, 12}, {9, 9, 9, 8}},
       }) {
    begin("magan", {"game.energy=mean_distance", "game.window=1"});
    for (size_t i = 0; i < row.real.size(); ++i) {
      turn_.given["x"] = torch::full({3, 1}, row.real[i], torch::kFloat64);
      const auto fake = torch::full({3, 1}, row.made[i], torch::kFloat64);
      turn_.nets["generator"] = made_up([fake](const Tensor&, const Tensor&) { return fake; });
      play("discriminator"), play("generator");
      EXPECT_EQ(state(0), row.margin[i]) << row.why << ", window " << i;
    }
  }
}

TEST_F(EnergyGame, OfMaganPreTrainsWithoutAMarginAndBeginsWithTheLastWindowsMean) {
  begin("magan", {"game.energy=mean_distance", "game.window=2"});
  EXPECT_EQ(loss("discriminator").terms[1].value.item<double>(), 0) << "no hinge";
  for (const double real : {9, 7, 5, 3, 1}) {
    turn_.given["x"] = torch::full({3, 1}, real, torch::kFloat64);
    play("discriminator");
    EXPECT_EQ(state(0), 0);
  }
  play("generator");
  EXPECT_EQ(state(0), 4) << "5 and 3";
  // Energies 4, 7, 1 of fakes, whose mean is held against the margin, or each.
  EXPECT_NEAR(loss("discriminator").terms[1].value.item<double>(), 0, 1e-12);
  const auto watched = loss("generator").watched.at(0);
  EXPECT_EQ(watched.name, "convergence");
  EXPECT_NEAR(watched.value.item<double>(), 1 + 3, 1e-12);
  begin("magan", {"game.energy=mean_distance", "game.hinge=each"});
  play("discriminator"), play("generator");
  EXPECT_NEAR(loss("discriminator").terms[1].value.item<double>(), 1.0 / 3, 1e-12) << "margin 2, of 4, 7, 1";
}

TEST_F(EnergyGame, OfMaganNeverRaisesItsMargin) {
  begin("magan", {"game.energy=mean_distance", "game.window=3"});
  auto draw = make_generator(5);
  double margin = 1e9;
  int falls = 0;
  for (int i = 0; i < 300; ++i) {
    turn_.given["x"] = torch::empty({3, 1}, torch::kFloat64).exponential_(1, draw);
    const auto fake = torch::empty({3, 1}, torch::kFloat64).exponential_(0.8, draw);
    turn_.nets["generator"] = made_up([fake](const Tensor&, const Tensor&) { return fake; });
    play("discriminator"), play("generator");
    ASSERT_LE(state(0), margin);
    falls += state(0) < margin;
    margin = state(0);
  }
  EXPECT_GT(falls, 1) << "the first is its beginning";
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

TEST(Magan, GoesOnInThePhaseAndWindowItIsInAfterAResumeToTheBit) {
  const auto recipe =
      tiny(kBegan, {"game={kind = 'magan', code = 3, window = 3}", "turns.unit=round", "turns.phase.first.until=4",
                    "turns.phase.first.order=list", "turns.phase.first.list=['discriminator']"});
  Training training(recipe);
  const auto margin = [&] { return training.trainer.save().tensors.at("game/margin").item<double>(); };
  training.rounds(2);
  expect_goes_on(training, recipe, 1);  // from pre-training into it
  EXPECT_EQ(margin(), 0);
  training.rounds(2);
  EXPECT_GT(margin(), 0);
  expect_goes_on(training, recipe, 5);  // from within a window over its end
}

}  // namespace
}  // namespace duet
