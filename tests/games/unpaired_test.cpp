// Translation between two domains without pairs.
#include "duet/games/distance.h"
#include "duet/games/measures.h"
#include "duet/train/pictures.h"
#include "tests/games/judged.h"
#include "tests/games/tiny_domains.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"
#include "tests/train/toy_game.h"

namespace duet {
namespace {

Recipe tiny_unpaired(std::vector<std::string> overrides = {}) {
  return tiny(tiny_domains("[game]\nkind = 'unpaired'\n").c_str(), overrides);
}

Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64).view({-1, 1});
}

/// The game on batches of one number each: x to b doubles and adds one, back halves.
class UnpairedTurn : public testing::Test {
 protected:
  void begin(const std::vector<std::string>& keys) {
    std::vector<std::string> overrides = {"game.kind=unpaired"};
    overrides.insert(overrides.end(), keys.begin(), keys.end());
    game_ = make_game(parse_recipe("", "toy", overrides, catalogues()).game);
    turn_.given = {{"x", numbers({1, -2})}, {"b", numbers({3, 5})}};
    turn_.noise = make_generator(1);
    turn_.nets["x_to_b"] = made_up([this](const Tensor& x, const Tensor&) { return to_b_ * x + 1; });
    turn_.nets["b_to_x"] = made_up([this](const Tensor& b, const Tensor&) { return to_x_ * b; });
    turn_.nets["discriminator_x"] = judge(seen_x_, 1);
    turn_.nets["discriminator_b"] = judge(seen_b_, 10);
  }
  Net judge(std::vector<Tensor>& seen, double slope) {
    return made_up([&seen, slope](const Tensor& x, const Tensor&) {
      seen.push_back(x.detach());
      return slope * x.flatten();
    });
  }
  static double term(const Loss& loss, const std::string& name) {
    for (const auto& one : loss.terms)
      if (one.name == name) return one.value.item<double>();
    ADD_FAILURE() << "no term " << name;
    return 0;
  }

  std::unique_ptr<Game> game_;
  Turn turn_;
  Tensor to_b_ = torch::tensor(2.0, torch::kFloat64), to_x_ = torch::tensor(0.5, torch::kFloat64);
  std::vector<Tensor> seen_x_, seen_b_;
};

// wiseodd's dualgan_pytorch.py:99-100 and 141-142, after a typo of the paper's formula 3: D1 learns domain 2, and is
// asked about domain 1.
TEST_F(UnpairedTurn, DualGansFirstDiscriminatorJudgesItsOwnDomainForBothPlayers) {
  begin({"game.objective=wgan", "game.cycle=0"});
  const auto loss = game_->loss("discriminator", turn_);
  ASSERT_EQ(seen_x_.size(), 2u);
  EXPECT_TRUE(torch::equal(seen_x_[0], numbers({1, -2}))) << "its real examples";
  EXPECT_TRUE(torch::equal(seen_x_[1], numbers({1.5, 2.5}))) << "what is made of b";
  EXPECT_TRUE(torch::equal(seen_b_[0], numbers({3, 5})));
  EXPECT_TRUE(torch::equal(seen_b_[1], numbers({3, -3})));
  EXPECT_NEAR(term(loss, "adversarial_x"), 2 - -0.5, 1e-12);
  EXPECT_NEAR(term(loss, "adversarial_b"), 10 * (0 - 4), 1e-12);
  const auto made = game_->loss("generator", turn_);
  EXPECT_NEAR(term(made, "adversarial_x"), -2, 1e-12);
  EXPECT_NEAR(term(made, "adversarial_b"), 0, 1e-12);
  EXPECT_TRUE(torch::equal(seen_x_[2], seen_x_[1]));
  EXPECT_TRUE(torch::equal(seen_b_[2], seen_b_[1]));
}

TEST_F(UnpairedTurn, GoesThereAndBackInTheDistanceThatItsKeySays) {
  // x 1, -2 comes back as 1.5, -1.5, and b 3, 5 as 4, 6.
  for (const auto& [how, x, b] : {std::tuple{"squares", 0.25, 1.0}, std::tuple{"distance", 0.5, 1.0}}) {
    begin({std::string("game.distance=") + how, "game.cycle=3", "game.identity=2"});
    const auto loss = game_->loss("generator", turn_);
    EXPECT_NEAR(term(loss, "cycle_x"), x, 1e-12) << how;
    EXPECT_NEAR(term(loss, "cycle_b"), b, 1e-12) << how;
    double weights = 0;
    for (const auto& one : loss.terms) weights += one.weight;
    EXPECT_EQ(weights, 1 + 1 + 3 + 3 + 2 + 2);
    if (std::string(how) == "distance") {
      // b to x of 1, -2 is 0.5, -1; x to b of 3, 5 is 7, 11.
      EXPECT_NEAR(term(loss, "identity_x"), 0.75, 1e-12);
      EXPECT_NEAR(term(loss, "identity_b"), 5, 1e-12);
    }
  }
}

TEST_F(UnpairedTurn, HasTheGradientsOfItsLosses) {
  to_b_ = to_b_.clone().requires_grad_(), to_x_ = to_x_.clone().requires_grad_();
  for (const char* how : {"squares", "mean_distance"}) {
    begin({std::string("game.distance=") + how, "game.identity=2"});
    EXPECT_TRUE(check_gradients([&] { return game_->loss("generator", turn_).total(); }, {to_b_, to_x_})) << how;
    EXPECT_TRUE(check_gradients([&] { return game_->loss("discriminator", turn_).total(); }, {to_b_, to_x_})) << how;
  }
}

TEST_F(UnpairedTurn, MeasuresItsCycleErrorPerNumber) {
  begin({"game.distance=distance"});
  const auto& measuring = dynamic_cast<const Measuring&>(*game_);
  const auto error = measuring.measure("cycle_error", turn_.nets, turn_.given, turn_.noise);
  EXPECT_TRUE(torch::allclose(error, torch::full({2}, 0.25, torch::kFloat64)));
}

TEST(Distance, IsTheSumOrTheMeanOverAnExamplesNumbers) {
  const auto a = torch::tensor({{3.0, -4.0}, {1.0, 0.0}}), b = torch::zeros({2, 2});
  EXPECT_TRUE(torch::equal(distance_of(a, b, "squares"), torch::tensor({25.0, 1.0})));
  EXPECT_TRUE(torch::equal(distance_of(a, b, "mean_squares"), torch::tensor({12.5, 0.5})));
  EXPECT_TRUE(torch::equal(distance_of(a, b, "distance"), torch::tensor({7.0, 1.0})));
  EXPECT_TRUE(torch::equal(distance_of(a, b, "mean_distance"), torch::tensor({3.5, 0.5})));
}

TEST(Unpaired, GoesOnWithItsEarlierFakesAfterAResumeToTheBit) {
  const auto recipe = tiny(tiny_domains("[game]\nkind = 'unpaired'\nreplay = 12\n").c_str());
  Training training(recipe);
  training.rounds(5);
  const auto before = snapshot(training.trainer);
  EXPECT_GT(before.tensors.at("game/replay_filled/b").sum().item<double>(), 8);
  expect_goes_on(training, recipe);
  EXPECT_FALSE(torch::equal(training.trainer.save().tensors.at("game/replay/x"), before.tensors.at("game/replay/x")));
}

TEST(Unpaired, GivesEachGeneratorAnotherZWhereItsKeyAsksForNoise) {
  auto text = tiny_domains("[game]\nkind = 'unpaired'\nnoise = true\n");
  const std::string family = "kind = \"mlp\"\nwidths = [6]\noutput = \"tanh\"\nnorm = \"batch_norm\"";
  text.replace(text.find(family), family.size(),
               "kind = 'layers'\nlayers = ['flatten', 'concat(z)', 'dense(64)', 'reshape(1, 8, 8)', 'tanh']");
  const auto recipe = tiny(text.c_str());
  Training training(recipe);
  training.rounds(2);
  Sampler sampler(recipe, training.data.facts);
  give_examples(sampler, training.data);
  sampler.load(training.trainer);
  // Of four examples each twice: the same example and another z.
  sampler.give_examples("x", subset(training.data.split.held_out, {5, 5, 5, 5}));
  const auto samples = sampler.sample({.count = 2, .seed = 3});
  EXPECT_FALSE(torch::equal(samples[0], samples[1]));
  expect_goes_on(training, recipe);
}

TEST(Unpaired, ShowsTheOriginalTheTranslationAndTheWayBack) {
  const auto recipe = tiny_unpaired();
  Training training(recipe);
  training.rounds(3);
  Sampler sampler(recipe, training.data.facts);
  give_examples(sampler, training.data);
  sampler.load(training.trainer);
  const auto views = sampler.views({.count = 10, .seed = 2});
  ASSERT_EQ(views.size(), 3u);
  EXPECT_EQ(views[2].name, "x_again");
  EXPECT_EQ(views[2].like, "x");
  EXPECT_TRUE(torch::equal(views[1].stored, sampler.sample({.count = 10, .seed = 2})));
  // Held-out drawn examples come in their order.
  std::vector<uint8_t> picture(64);
  training.data.split.held_out->read(7, picture.data());
  EXPECT_TRUE(torch::equal(views[0].stored[7].flatten(), torch::tensor(picture)));
  const auto sheet = progress_sheet(sampler, {}, 2);
  EXPECT_GT(sheet.width, sheet.height) << "eight beside each other, two groups of three rows and their names";
}

TEST(Unpaired, RefusesAnIdentityOfOtherShapes) {
  EXPECT_EQ(
      error_of([] { Training training(tiny_unpaired({"stream.b.resolution=16", "game.identity=1"})); }, Fault::recipe),
      "[game]: identity = 1 compares an example of one domain with what is made of it for the other, here 1x8x8 "
      "and 1x16x16; expected equal shapes, or leave it out");
}

/// DualGAN's seed: the generator asks each discriminator about the other one's domain.
class Crossed final : public Game {
 public:
  explicit Crossed(std::unique_ptr<Game> right) : right_(std::move(right)) {}
  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override { return right_->spec(data, latent); }
  Loss loss(const std::string& player, const Turn& turn) const override {
    auto wired = turn;
    if (player == "generator") std::swap(wired.nets.at("discriminator_x"), wired.nets.at("discriminator_b"));
    return right_->loss(player, wired);
  }
  Tensor sample(const Nets& nets, const Named& given) const override { return right_->sample(nets, given); }

 private:
  std::unique_ptr<Game> right_;
};

/// Mean distance of translated points from the mean of domain b, where each domain is a number with noise.
double missed(const std::string& kind) {
  const FreshFolder folder;
  std::string x, b;
  for (int i = 0; i < 200; ++i) {
    const double noise = 0.1 * std::sin(12.9898 * i);
    x += fmt::format("{}\n", noise - 1), b += fmt::format("{}\n", noise + 1);
  }
  put_file(folder / "x.csv", x);
  put_file(folder / "b.csv", b);
  const auto recipe = tiny(
      "batch = 32\n[data]\nstandardise = 'never'\n[stream.b]\nstandardise = 'never'\n[network.generator]\nkind = "
      "'layers'\nlayers = ['dense(1)']\n[network.discriminator]\nkind = 'mlp'\nwidths = [8]\n[player.generator]\nlr = "
      "5e-3\n[player.discriminator]\nlr = 5e-3\n",
      {"game.kind=" + kind, "data.spec=" + (folder / "x.csv").string(),
       "stream.b.spec=" + (folder / "b.csv").string()});
  Training training(recipe);
  training.rounds(600);
  Sampler sampler(recipe, training.data.facts);
  give_examples(sampler, training.data);
  sampler.load(training.trainer);
  return (sampler.sample({.count = 20}) - 1).abs().mean().item<double>();
}

TEST(Unpaired, MeetsTheOtherDomainWhereDualGansCrossedWiringDoesNot) {
  const ToyGame toy("crossed", [] {
    return std::make_unique<Crossed>(
        make_game(parse_recipe("", "toy", {"game.kind=unpaired", "game.cycle=1"}, catalogues()).game));
  });
  const ToyGame right("right", [] {
    return make_game(parse_recipe("", "toy", {"game.kind=unpaired", "game.cycle=1"}, catalogues()).game);
  });
  EXPECT_LT(missed("right"), 0.3);
  EXPECT_GT(missed("crossed"), 0.8);
}

}  // namespace
}  // namespace duet
