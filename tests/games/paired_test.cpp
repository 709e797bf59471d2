// Translation by pairs.
#include "duet/games/measures.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"
#include "tests/train/goes_on.h"

namespace duet {
namespace {

constexpr const char* kTinyPaired = R"toml(
kimg = 1
batch = 8
seed = 4
[data]
spec = "edges"
resolution = 8
[stream.b]
spec = "digits"
resolution = 8
[game]
kind = "paired"
patches = 2
[network.generator]
kind = "unet"
width = 2
[network.discriminator]
kind = "layers"
layers = ["conv(2, kernel=4, stride=2, padding=1)", "leaky_relu(0.2)", "conv(1, kernel=4, stride=2, padding=1)"]
[player.generator]
lr = 1e-3
ema_kimg = 0.1
[player.discriminator]
lr = 1e-3
)toml";

/// The game on two pairs of pictures of 1x2: the generator adds a number.
class PairedTurn : public testing::Test {
 protected:
  void begin(const std::vector<std::string>& keys) {
    std::vector<std::string> overrides = {"game.kind=paired"};
    overrides.insert(overrides.end(), keys.begin(), keys.end());
    game_ = make_game(parse_recipe("", "toy", overrides, catalogues()).game);
    turn_.given = {{"x", picture({1, 2, 3, 4})}, {"b", picture({5, 6, 7, 8})}};
    turn_.noise = make_generator(1);
    turn_.nets["generator"] = made_up([this](const Tensor& x, const Tensor&) { return x + more_; });
    turn_.nets["discriminator"] = made_up([this](const Tensor& pair, const Tensor&) {
      seen_.push_back(pair.detach());
      return (slope_ * pair).sum(1, /*keepdim=*/true);
    });
  }
  static Tensor picture(const std::vector<double>& values) {
    return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64).view({2, 1, 1, 2});
  }

  std::unique_ptr<Game> game_;
  Turn turn_;
  Tensor more_ = torch::tensor(1.0, torch::kFloat64), slope_ = torch::tensor(0.1, torch::kFloat64);
  std::vector<Tensor> seen_;
};

TEST_F(PairedTurn, ShowsTheDiscriminatorEachPictureBesideItsOriginal) {
  begin({"game.objective=least_squares"});
  const auto loss = game_->loss("discriminator", turn_);
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_TRUE(torch::equal(seen_[0], torch::cat({turn_.x(), turn_.given.at("b")}, 1)));
  EXPECT_TRUE(torch::equal(seen_[1], torch::cat({turn_.x(), turn_.x() + 1}, 1)));
  // Each of the two patches of a pair counts: a tenth of x + b is 0.6, 0.8, 1, 1.2, and of x + x + 1 0.3, 0.5, 0.7,
  // 0.9.
  const double real = (0.16 + 0.04 + 0 + 0.04) / 4, fake = (0.09 + 0.25 + 0.49 + 0.81) / 4;
  EXPECT_NEAR(loss.terms.at(0).value.item<double>(), 0.5 * (real + fake), 1e-12);
}

TEST_F(PairedTurn, WeighsTheDistanceFromTheCounterpartAndTheAdversarialTerm) {
  begin({"game.objective=wgan", "game.adversarial=2", "game.weight=3"});
  const auto loss = game_->loss("generator", turn_);
  // Patches of what is made have mean 0.6, and what is made is 3 away.
  EXPECT_NEAR(loss.total().item<double>(), 2 * -0.6 + 3 * 3, 1e-12);
  begin({"game.adversarial=0", "game.weight=3"});
  seen_.clear();
  EXPECT_NEAR(game_->loss("generator", turn_).total().item<double>(), 9, 1e-12);
  EXPECT_TRUE(seen_.empty()) << "the distance alone";
}

TEST_F(PairedTurn, HasTheGradientsOfItsLosses) {
  more_ = more_.clone().requires_grad_(), slope_ = slope_.clone().requires_grad_();
  for (const std::string key : {"game.objective=vanilla", "game.objective=softmax", "game.roth=0.5", "game.r1=1"}) {
    begin({key});
    for (const std::string player : {"generator", "discriminator"}) {
      // Penalties hold the examples fixed, and so what is made.
      const bool fixed = player == "discriminator" && !key.starts_with("game.objective");
      EXPECT_TRUE(check_gradients([&] { return game_->loss(player, turn_).total(); },
                                  fixed ? std::vector<Tensor>{slope_} : std::vector<Tensor>{more_, slope_}))
          << key << " " << player;
    }
  }
}

TEST_F(PairedTurn, MeasuresTheDistanceAndWhetherTheDiscriminatorTellsThePairsApart) {
  begin({});
  const auto& measuring = dynamic_cast<const Measuring&>(*game_);
  const auto of = [&](const char* name) { return measuring.measure(name, turn_.nets, turn_.given, turn_.noise); };
  EXPECT_TRUE(torch::allclose(of("distance"), torch::full({2}, 3.0, torch::kFloat64)));
  EXPECT_TRUE(torch::equal(of("told_apart"), torch::ones({2}, torch::kFloat64)));
  slope_ = -slope_;
  EXPECT_TRUE(torch::equal(of("told_apart"), torch::zeros({2}, torch::kFloat64)));
}

TEST(Paired, MakesTheCounterpartsOfTheSameNumbersAndGoesOnToTheBit) {
  const auto recipe = tiny(kTinyPaired);
  Training training(recipe);
  training.rounds(3);
  Sampler sampler(recipe, training.data.facts);
  give_examples(sampler, training.data);
  sampler.load(training.trainer);
  const auto views = sampler.views({.count = 6, .seed = 2});
  ASSERT_EQ(views.size(), 3u);
  std::vector<uint8_t> edges(64), digit(64);
  for (int64_t i = 0; i < 6; ++i) {
    training.data.split.held_out->read(i, edges.data());
    training.data.split_of("b").held_out->read(i, digit.data());
    EXPECT_TRUE(torch::equal(views[0].stored[i].flatten(), torch::tensor(edges)));
    EXPECT_TRUE(torch::equal(views[2].stored[i].flatten(), torch::tensor(digit)));
    EXPECT_EQ(training.data.split.held_out->label(i), training.data.split_of("b").held_out->label(i));
  }
  EXPECT_TRUE(torch::equal(views[1].stored, sampler.sample({.count = 6, .seed = 2})));
  expect_goes_on(training, recipe);
}

TEST(Paired, RefusesPicturesOfDifferentSizes) {
  EXPECT_EQ(error_of([] { Training training(tiny(kTinyPaired, {"stream.b.resolution=16"})); }, Fault::recipe),
            "[network.generator]: kind = \"unet\" makes pictures of pictures of the same size, here 1x8x8 become "
            "1x16x16; use kind = \"dcgan\"");
  EXPECT_EQ(
      error_of(
          [] {
            Training training(tiny(kTinyPaired, {"stream.b.resolution=16", "network.generator.kind=mlp",
                                                 "network.generator.output=tanh"}));
          },
          Fault::recipe),
      "[stream.b]: its examples are 1x16x16, and those of [data] 1x8x8; expected pictures of the same size, which "
      "a discriminator sees together: give both the same resolution");
}

}  // namespace
}  // namespace duet
