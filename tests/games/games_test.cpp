#include <gtest/gtest.h>

#include <set>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/games/game.h"
#include "duet/games/objectives.h"
#include "tests/games/judged.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// A game's config from TOML text.
Choice game_choice(const std::string& kind, const std::string& toml) {
  Choice choice{kind, game_catalogue().make(kind)};
  TomlDocument(toml, "test").read([&](Fields& fields) { choice.config->fields(fields); });
  return choice;
}

/// A kind of game, and its objective if it has that key.
struct Played {
  std::string kind, objective;
};

void PrintTo(const Played& row, std::ostream* out) { *out << row.kind << " " << row.objective; }

std::vector<Played> all_games() {
  std::vector<Played> all;
  for (const auto& entry : game_entries()) {
    bool has_objective = false;
    const auto config = entry.config();
    for (const auto& [key, value] : flatten([&](Fields& f) { config->fields(f); })) has_objective |= key == "objective";
    if (!has_objective) all.push_back({entry.name, ""});
    if (!has_objective) continue;
    for (const auto& objective : objectives()) all.push_back({entry.name, objective.name});
  }
  return all;
}

std::string game_keys(const Played& game) {
  return game.objective.empty() ? std::string() : "objective = \"" + game.objective + "\"";
}

/// Layers with state that could change by mistake (running statistics, power iterations), for a network of a game.
std::string layers_of(const NetworkSpec& spec, bool linear) {
  const auto& out = spec.output;
  const auto shaped =
      out.is_vector() ? "" : fmt::format(", 'reshape({}, {}, {})'", out.channels, out.height, out.width);
  // A batch of one and the same number has no statistics.
  if (linear || spec.input.numel() == 1) return fmt::format("'dense({})'{}", out.numel(), shaped);
  std::string layers = "'dense(8, spectral=true)'";
  for (const auto& [name, shape] : spec.with) layers += ", 'concat(" + name + ")', 'dense(8)'";
  layers += spec.makes.empty() ? ", 'batch_norm', 'leaky_relu', 'dropout(0.9)'" : ", 'batch_norm', 'relu'";
  layers += fmt::format(", 'dense({})'", spec.output.numel());
  if (spec.range) layers += ", 'tanh'";
  return layers + shaped;
}

/// A recipe with such networks in which one player moves: on the ring, or on pictures if the game has further streams.
Recipe table_recipe(const Played& game, const std::string& mover, const std::vector<std::string>& overrides = {}) {
  const auto names = make_game(game_choice(game.kind, game_keys(game)))->spec({}, {});
  std::string text = "batch = 16\n[latent]\nsize = 3\n[turns]\norder = 'list'\nlist = ['" + mover + "']\n";
  text += names.streams.empty() ? "[data]\nspec = 'ring'\n" : "[data]\nspec = 'digits'\nresolution = 8\n";
  for (const auto& stream : names.streams)
    text += fmt::format("[stream.{}]\nresolution = 8\n{}\n", stream.name,
                        stream.name == "mask" ? "spec = 'masks'\nrange = '0..1'" : "spec = 'digits'");
  text += "[game]\nkind = '" + game.kind + "'\n" + game_keys(game) + "\n";
  for (const auto& player : names.players) text += "[player." + player.name + "]\nlr = 1e-2\n";
  const auto bare = parse_recipe(text, "test", {}, catalogues());
  std::set<std::string> sections;
  for (const auto& spec : game_spec(bare, open_training_data(bare).facts).networks)
    if (sections.insert(spec.keys()).second)
      text += fmt::format("[network.{}]\nkind = 'layers'\nlayers = [{}]\n", spec.keys(),
                          layers_of(spec, /*linear=*/game.kind == "rbm"));
  return parse_recipe(text, "test", overrides, catalogues());
}

using Snapshot = std::map<std::string, Tensor>;

Snapshot state_of(const Network& network) {
  Snapshot all;
  for (const auto* list : {&network.parameters(), &network.buffers()})
    for (const auto& [name, value] : *list) all[name] = value.detach().clone();
  return all;
}

class EveryGame : public testing::TestWithParam<Played> {
 protected:
  static std::vector<PlayerSpec> players() {
    return make_game(game_choice(GetParam().kind, game_keys(GetParam())))->spec({}, {}).players;
  }
};

TEST_P(EveryGame, MovesTheMoverAndNothingOfThoseWhoWait) {
  for (const auto& mover : players()) {
    Training table(table_recipe(GetParam(), mover.name));
    std::map<std::string, Snapshot> before;
    for (const auto& [name, network] : table.trainer.networks()) before[name] = state_of(*network);
    for (int i = 0; i < 3; ++i) table.trainer.round();
    for (const auto& [name, network] : table.trainer.networks()) {
      const bool moves = table.trainer.player(mover.name).owns(name);
      for (const auto& [tensor, value] : state_of(*network)) {
        // A bias before batch norm has no effect, nor has a constant on all scores on differences of scores.
        if (moves && tensor.ends_with(".bias")) continue;
        EXPECT_EQ(torch::equal(value, before[name][tensor]), !moves)
            << mover.name << "'s turn: " << name << "/" << tensor;
      }
    }
  }
}

TEST_P(EveryGame, LogsOnlyFiniteTermsOfThePlayersThatMoved) {
  for (const auto& mover : players()) {
    Training table(table_recipe(GetParam(), mover.name));
    for (int i = 0; i < 3; ++i) table.trainer.round();
    const auto readings = table.trainer.read();  // throws where a number is not finite
    EXPECT_FALSE(readings.means.empty());
    for (const auto& [name, mean] : readings.means) EXPECT_TRUE(name.starts_with(mover.name + "/")) << name;
  }
}

TEST_P(EveryGame, HasPlayersWithNetworksOfWhichOneMakesDataLikeThose) {
  for (const auto& player : players()) EXPECT_FALSE(player.networks.empty()) << player.name;
  DataKind data{.shape = {2, 1, 1}};
  const auto game = make_game(game_choice(GetParam().kind, game_keys(GetParam())));
  for (const auto& stream : game->spec({}, {}).streams) data.streams[stream.name].shape = {3, 1, 1};
  const auto spec = game->spec(data, {});
  if (spec.samples.empty()) return;
  ASSERT_TRUE(spec.output_network());
  EXPECT_EQ(spec.output_network()->output, data.stream(spec.samples_like).shape);
}

// A game that offers LeCam must hand the critic's memory on: state(), and moved() after the discriminator's moves.
TEST_P(EveryGame, RemembersWhatLecamGoesBy) {
  bool offered = false;
  const auto config = game_catalogue().make(GetParam().kind);
  for (const auto& [key, value] : flatten([&](Fields& f) { config->fields(f); })) offered |= key == "lecam";
  if (!offered) return;
  Training table(table_recipe(GetParam(), "discriminator", {"game.lecam=0.5"}));
  table.trainer.round();
  const auto saved = table.trainer.save();
  const auto found = saved.tensors.find("game/discriminator.lecam");
  ASSERT_NE(found, saved.tensors.end());
  EXPECT_GT(found->second[2].item<double>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Games, EveryGame, testing::ValuesIn(all_games()), [](const auto& info) {
  return info.param.kind + (info.param.objective.empty() ? "" : "_" + info.param.objective);
});

// --- The discriminator's targets and inputs

/// Plays single turns of the adversarial game with given scores.
class Options : public testing::Test {
 protected:
  void begin(const std::string& toml, int64_t n = 4) {
    game_ = make_game(game_choice("adversarial", toml));
    made_ = torch::zeros({n, 2}, torch::kFloat64);
    turn_ = turn_on(torch::ones({n, 2}, torch::kFloat64), made_, make_generator(3));
    real_ = torch::linspace(-2, 2, n, torch::kFloat64).requires_grad_();
    fake_ = torch::linspace(1, -3, n, torch::kFloat64).requires_grad_();
    // The game evaluates the real batch first and the fake one second; noise may hide which is which.
    turn_.nets["discriminator"] = made_up([this](const Tensor& x, const Tensor&) {
      seen_.push_back(x);
      return seen_.size() % 2 == 1 ? real_ : fake_;
    });
  }
  Tensor discriminator_loss() { return game_->loss("discriminator", turn_).total(); }

  /// The targets that the loss used: least squares' gradient in a score is (score - target) / n.
  std::pair<Tensor, Tensor> targets() {
    const auto gradients = torch::autograd::grad({discriminator_loss()}, {real_, fake_});
    const auto n = static_cast<double>(real_.numel());
    return {real_.detach() - n * gradients[0], fake_.detach() - n * gradients[1]};
  }
  Clock& clock() { return turn_.clock; }

  std::unique_ptr<Game> game_;
  Turn turn_;
  Tensor made_;  // by the generator
  Tensor real_, fake_;
  std::vector<Tensor> seen_;
};

constexpr double kExact = 1e-12;

double distance(const Tensor& a, double b) { return (a - b).abs().max().item<double>(); }

TEST_F(Options, TellTheDiscriminatorOneAndZeroUnlessAskedOtherwise) {
  begin("objective = \"least_squares\"");
  const auto [real, fake] = targets();
  EXPECT_LT(distance(real, 1), kExact);
  EXPECT_LT(distance(fake, 0), kExact);
}

TEST_F(Options, JudgeRealAndFakeInOneWalkWhereTheDiscriminatorCan) {
  begin("objective = 'vanilla'");
  const double apart = discriminator_loss().item<double>();
  EXPECT_EQ(seen_.size(), 2);
  std::vector<Tensor> labels;
  turn_.given["label"] = torch::arange(4);
  const auto forward = [&](const Tensor& x, const Named& with, int64_t groups) {
    EXPECT_EQ(groups, 2);
    EXPECT_TRUE(torch::equal(x, torch::cat({turn_.x(), made_})));
    labels.push_back(with.at("label"));
    return torch::cat({real_, fake_});
  };
  turn_.nets["discriminator"] = Net(forward, {"label"}, /*takes_groups=*/true);
  EXPECT_NEAR(discriminator_loss().item<double>(), apart, kExact);
  ASSERT_EQ(labels.size(), 1);
  EXPECT_TRUE(torch::equal(labels[0], torch::arange(8) % 4));
}

TEST_F(Options, SmoothOneSideOnly) {
  begin("objective = \"least_squares\"\nreal_label = 0.9");
  const auto [real, fake] = targets();
  EXPECT_LT(distance(real, 0.9), kExact);
  EXPECT_LT(distance(fake, 0), kExact);
}

TEST_F(Options, SmoothTheCrossEntropyByItsFormula) {
  begin("objective = \"vanilla\"\nreal_label = 0.9\nfake_label = 0.05");
  const auto expected = -(0.9 * torch::log_sigmoid(real_) + 0.1 * torch::log_sigmoid(-real_)).mean() -
                        (0.05 * torch::log_sigmoid(fake_) + 0.95 * torch::log_sigmoid(-fake_)).mean();
  EXPECT_NEAR(discriminator_loss().item<double>(), expected.item<double>(), kExact);
}

TEST_F(Options, SpreadLabelsEvenlyAroundTheirMiddle) {
  const int64_t n = 20'000;
  begin("objective = \"least_squares\"\nreal_label = 0.95\nreal_label_spread = 0.25\nfake_label_spread = 0.3", n);
  const auto [real, fake] = targets();
  const auto check = [&](const Tensor& told, double middle, double spread) {
    EXPECT_GE(told.min().item<double>(), middle - spread - 1e-9);
    EXPECT_LE(told.max().item<double>(), middle + spread + 1e-9);
    EXPECT_NEAR(told.mean().item<double>(), middle, 4 * spread / std::sqrt(3.0 * n));
    EXPECT_NEAR(told.std().item<double>(), spread / std::sqrt(3.0), 0.02 * spread);
  };
  check(real, 0.95, 0.25);
  check(fake, 0, 0.3);
}

TEST_F(Options, FlipLabelsAtTheirRate) {
  const int64_t n = 20'000;
  const double rate = 0.05, three_sigma = 3 * std::sqrt(rate * (1 - rate) / n);
  begin("objective = \"least_squares\"\nflip = 0.05", n);
  const auto [real, fake] = targets();
  const auto real_flipped = (real < 0.5).to(torch::kFloat64), fake_flipped = (fake > 0.5).to(torch::kFloat64);
  EXPECT_NEAR(real_flipped.mean().item<double>(), rate, three_sigma);
  EXPECT_NEAR(fake_flipped.mean().item<double>(), rate, three_sigma);
  EXPECT_LT((real_flipped * fake_flipped).mean().item<double>(), rate / 2) << "the two sides flip independently";
}

TEST_F(Options, FlipEverythingAtProbabilityOne) {
  begin("objective = \"least_squares\"\nreal_label = 0.9\nflip = 1");
  const auto [real, fake] = targets();
  EXPECT_LT(distance(real, 0), kExact);
  EXPECT_LT(distance(fake, 0.9), kExact);
}

TEST_F(Options, LeaveTheGeneratorsTargetAlone) {
  begin("objective = \"least_squares\"\nreal_label = 0.9\nflip = 1");
  seen_.push_back({});  // the generator's turn asks for fakes only
  const double loss = game_->loss("generator", turn_).total().item<double>();
  EXPECT_NEAR(loss, (0.5 * (fake_ - 1).square().mean()).item<double>(), kExact);
}

TEST(GameOptions, AreRefusedWhereLabelsMeanNothing) {
  for (const auto* toml :
       {"real_label = 0.9", "fake_label = 0.1", "real_label_spread = 0.1", "fake_label_spread = 0.1", "flip = 0.05"}) {
    try {
      make_game(game_choice("adversarial", std::string("objective = \"wgan\"\n") + toml));
      ADD_FAILURE() << "accepted " << toml;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::recipe);
      EXPECT_STREQ(error.what(),
                   "[game]: label smoothing and flipping have no effect with objective = \"wgan\"; use vanilla, "
                   "goodfellow, minimax, boundary or least_squares");
    }
  }
}

TEST_F(Options, InstanceNoiseDecaysWithItsScheduleOnBothBatches) {
  begin("instance_noise = {shape = \"linear\", from = 1, to = 0, start = 0, end = 10}", 20'000);
  for (const double kimg : {0.0, 5.0, 8.0, 10.0, 50.0}) {
    seen_.clear();
    clock().kimg = kimg;
    discriminator_loss();
    ASSERT_EQ(seen_.size(), 2U);
    const double deviation = std::max(0.0, 1 - kimg / 10);
    const auto on_real = seen_[0] - turn_.x(), on_fake = seen_[1] - made_;
    for (const auto& noise : {on_real, on_fake}) {
      EXPECT_NEAR(noise.square().mean().sqrt().item<double>(), deviation, 0.02 * deviation);
      EXPECT_NEAR(noise.mean().item<double>(), 0, 0.02 * deviation);
    }
    EXPECT_EQ(torch::equal(on_real, on_fake), deviation == 0) << "the two batches get noise of their own";
  }
}

TEST_F(Options, InstanceNoiseIsOnWhatTheGeneratorIsJudgedByToo) {
  begin("instance_noise = 0.5");
  made_.requires_grad_();
  turn_.nets["discriminator"] = made_up([this](const Tensor& x, const Tensor&) {
    seen_.push_back(x.detach());
    return x.sum(1);
  });
  game_->loss("generator", turn_).total().backward();
  EXPECT_GT(distance(seen_[0], 0), 0.01);
  EXPECT_GT(made_.grad().abs().min().item<double>(), 0);
}

TEST_F(Options, PenaltiesCountByTheirWeightAndFollowTheirSchedule) {
  begin("objective = \"wgan\"\nr1 = {shape = \"linear\", from = 4, to = 2, start = 0, end = 10}\nr2 = 3");
  turn_.nets["discriminator"] = made_up([](const Tensor& x, const Tensor&) { return 0.5 * x.square().sum(1); });
  made_.fill_(3);
  for (const double kimg : {0.0, 5.0, 20.0}) {
    clock().kimg = kimg;
    const auto loss = game_->loss("discriminator", turn_);
    ASSERT_EQ(loss.terms.size(), 3U);
    // |grad D|^2 = |x|^2: 2 on real, 18 on fake; D itself gives 1 and 9.
    const double weight = std::max(2.0, 4 - kimg / 5);
    EXPECT_EQ(loss.terms[1].name, "r1");
    EXPECT_NEAR(loss.terms[1].value.item<double>(), 2, kExact) << "terms are logged before their weight";
    EXPECT_NEAR(loss.total().item<double>(), (9 - 1) + weight * 2 + 3 * 18, 1e-9);
  }
}

TEST_F(Options, LogitsAreWatchedButNotMinimised) {
  begin("objective = \"vanilla\"");
  const auto loss = game_->loss("discriminator", turn_);
  ASSERT_EQ(loss.watched.size(), 4U);  // with their probabilities
  EXPECT_EQ(loss.watched[0].name, "logit_real");
  EXPECT_NEAR(loss.watched[0].value.item<double>(), real_.mean().item<double>(), kExact);
  EXPECT_NEAR(loss.watched[1].value.item<double>(), fake_.mean().item<double>(), kExact);
  EXPECT_FALSE(loss.watched[0].value.requires_grad());
  EXPECT_NEAR(loss.watched[2].value.item<double>(), real_.sigmoid().mean().item<double>(), kExact);
  EXPECT_NEAR(loss.watched[3].value.item<double>(), fake_.sigmoid().mean().item<double>(), kExact);
}

TEST(Loss, TotalsItsTermsByWeight) {
  Loss loss;
  loss.add("a", torch::tensor(3.0, torch::kFloat64));
  loss.add("b", torch::tensor(5.0, torch::kFloat64), -2);
  loss.watch("c", torch::tensor(100.0, torch::kFloat64));
  EXPECT_EQ(loss.total().item<double>(), -7);
}

}  // namespace
}  // namespace duet
