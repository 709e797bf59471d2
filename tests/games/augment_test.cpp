#include "duet/games/augment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/games/game.h"
#include "duet/games/penalties.h"
#include "tests/data/damage.h"
#include "tests/games/judged.h"
#include "tests/gradient.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

Tensor pictures(int64_t n, int64_t channels, int64_t side, uint64_t seed, torch::ScalarType type = torch::kFloat64) {
  auto generator = make_generator(seed);
  return torch::empty({n, channels, side, side}, type)
      .uniform_(-1, 1, generator)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

Tensor augmented(const std::string& names, const Tensor& x, uint64_t seed = 1, Range range = {}) {
  return Augment(names)(x, range, make_generator(seed));
}

double largest(const Tensor& x) { return x.abs().max().item<double>(); }

/// A picture shifted one pixel at a time.
Tensor moved_by_loops(const Tensor& x, const std::vector<int64_t>& down, const std::vector<int64_t>& right,
                      double fill) {
  auto y = torch::full_like(x, fill);
  for (int64_t n = 0; n < x.size(0); ++n)
    for (int64_t c = 0; c < x.size(1); ++c)
      for (int64_t i = 0; i < x.size(2); ++i)
        for (int64_t j = 0; j < x.size(3); ++j) {
          const int64_t from_i = i - down[static_cast<size_t>(n)], from_j = j - right[static_cast<size_t>(n)];
          if (from_i >= 0 && from_i < x.size(2) && from_j >= 0 && from_j < x.size(3))
            y[n][c][i][j] = x[n][c][from_i][from_j];
        }
  return y;
}

TEST(Augment, OfNoNamesGivesWhatItWasGivenAndDrawsNothing) {
  auto generator = make_generator(1);
  const auto before = generator.get_state();
  const auto x = pictures(2, 3, 8, 1);
  EXPECT_TRUE(Augment()(x, {}, generator).is_same(x));
  EXPECT_TRUE(Augment("")(x, {}, generator).is_same(x));
  EXPECT_TRUE(torch::equal(generator.get_state(), before));
  EXPECT_FALSE(Augment("").is_on());
}

TEST(Augment, TakesItsNamesInAnyOrderAndRefusesOthers) {
  const auto x = pictures(4, 3, 8, 1);
  EXPECT_TRUE(torch::equal(augmented("color,translation,cutout", x), augmented(" cutout, color ,translation", x)));
  EXPECT_EQ(error_of([] { Augment("color,cutuot"); }, Fault::recipe),
            "[game]: augment = \"color,cutuot\" names 'cutuot'; expected names out of color, translation, cutout, "
            "separated by commas, or nothing; did you mean 'cutout'?");
  EXPECT_NE(error_of([] { Augment("color,,cutout"); }, Fault::recipe), "");
  for (const auto& entry : augmentations()) EXPECT_TRUE(Augment(entry.name).is_on()) << entry.name;
}

TEST(Augment, MovesPicturesAsLoopsDo) {
  for (const int64_t channels : {1, 3}) {
    const auto x = pictures(3, channels, 6, 2);
    const std::vector<int64_t> down{-2, 0, 1}, right{1, -2, 2};
    const auto found = moved(x, torch::tensor(down), torch::tensor(right), 2, 0.25);
    EXPECT_TRUE(torch::equal(found, moved_by_loops(x, down, right, 0.25)));
    EXPECT_TRUE(torch::equal(moved(x.contiguous(), torch::tensor(down), torch::tensor(right), 2, 0.25), found));
    EXPECT_TRUE(found.is_contiguous(torch::MemoryFormat::ChannelsLast)) << "as the discriminator wants it";
  }
}

TEST(Augment, TranslatesByUpToAnEighthEitherWayAndFillsWithTheMiddle) {
  // Each pixel has a value that identifies its position.
  const int64_t side = 16, most = 2;
  const auto place = torch::arange(side * side, torch::kFloat64).view({1, 1, side, side}) + 100;
  for (const Range range : {Range{-1, 1}, Range{0, 1}}) {
    const auto y = augmented("translation", place.repeat({400, 1, 1, 1}), 3, range);
    std::set<std::pair<int64_t, int64_t>> seen;
    for (int64_t n = 0; n < y.size(0); ++n) {
      const auto from = static_cast<int64_t>(y[n][0][8][8].item<double>()) - 100;
      const int64_t down = 8 - from / side, right = 8 - from % side;
      seen.insert({down, right});
      EXPECT_LE(std::max(std::abs(down), std::abs(right)), most);
      const auto expected = moved_by_loops(place, {down}, {right}, (range.low + range.high) / 2);
      EXPECT_TRUE(torch::equal(y[n], expected[0])) << down << " " << right;
    }
    EXPECT_EQ(seen.size(), 25u) << "every move there is, each alone";
  }
}

TEST(Augment, CutsASquareOfHalfTheSideAnywhere) {
  const auto y = augmented("cutout", torch::ones({500, 3, 8, 8}, torch::kFloat64), 4);
  std::set<std::pair<int64_t, int64_t>> corners;
  for (int64_t n = 0; n < y.size(0); ++n) {
    const auto cut = y[n].eq(0);
    EXPECT_TRUE(torch::equal(cut[0], cut[2])) << "all channels of a place together";
    const auto rows = cut[0].any(1).nonzero().flatten(), columns = cut[0].any(0).nonzero().flatten();
    EXPECT_EQ(cut[0].sum().item<int64_t>(), rows.numel() * columns.numel()) << "a rectangle";
    EXPECT_LE(rows.numel(), 4);
    EXPECT_GE(rows.numel(), 2) << "its middle is within the picture, or on its border";
    corners.insert({rows[0].item<int64_t>() + 10 * rows.numel(), columns[0].item<int64_t>() + 10 * columns.numel()});
  }
  EXPECT_EQ(corners.size(), 81u) << "nine places for the middle either way";
  EXPECT_EQ(largest(augmented("cutout", torch::ones({50, 1, 8, 8}), 4, {0, 1}).remainder(0.5)), 0)
      << "the middle is .5";
}

/// The authors' three steps, one after the other, with the same random numbers.
Tensor recoloured_in_steps(Tensor x, uint64_t seed, Range range) {
  const auto uniform = torch::empty({7, x.size(0)}, torch::kFloat64).uniform_(0, 1, make_generator(seed));
  const auto by = [&](int64_t k) { return uniform[k].view({-1, 1, 1, 1}); };
  x = x + (by(0) - 0.5) * (range.high - range.low) / 2;
  const auto grey = x.mean(1, true);
  x = (x - grey) * (by(1) * 2) + grey;
  const auto mean = x.mean({1, 2, 3}, true);
  return (x - mean) * (by(2) + 0.5) + mean;
}

TEST(Augment, RecoloursAsThreeStepsOneAfterTheOther) {
  for (const Range range : {Range{-1, 1}, Range{0, 1}})
    for (const int64_t channels : {1, 3}) {
      const auto x = pictures(20, channels, 6, 5);
      EXPECT_LT(largest(augmented("color", x, 6, range) - recoloured_in_steps(x, 6, range)), 1e-12);
    }
}

TEST(Augment, LeavesTheSaturationOfGreyPicturesAlone) {
  const auto grey = pictures(30, 1, 6, 7);
  const auto colour = augmented("color", grey.repeat({1, 3, 1, 1}), 8);
  EXPECT_LT(largest(colour - colour.narrow(1, 0, 1)), 1e-12) << "no colour comes in";
  EXPECT_LT(largest(colour.narrow(1, 0, 1) - augmented("color", grey, 8)), 1e-12);
}

TEST(Augment, DoesTheSameToAPictureInEitherRange) {
  const auto x = pictures(20, 3, 16, 9);
  const auto in_other = augmented("color,translation,cutout", (x + 1) / 2, 10, {0, 1});
  EXPECT_LT(largest(augmented("color,translation,cutout", x, 10) - (in_other * 2 - 1)), 1e-12);
}

TEST(Augment, ChangesEveryPictureByDrawsOfItsOwn) {
  const auto x = pictures(1, 3, 16, 11).repeat({20, 1, 1, 1});
  for (const auto& entry : augmentations()) {
    std::set<double> sums;
    const auto y = augmented(entry.name, x, 12);
    for (int64_t n = 0; n < 20; ++n) sums.insert(y[n].sum().item<double>());
    EXPECT_GE(sums.size(), 10u) << entry.name;
  }
}

TEST(Augment, SendsGradientsOfBothOrdersBack) {
  for (const char* names : {"color", "translation", "cutout", "color,translation,cutout"})
    for (const int64_t channels : {1, 3}) {
      auto generator = make_generator(13);
      const auto x = normal_leaf({2, channels, 8, 8}, generator);
      const auto w = torch::empty({channels, 8, 8}, torch::kFloat64).normal_(0, 1, generator);
      const auto f = [&] { return (augmented(names, x, 14) * w).square().sum() / 2; };
      EXPECT_TRUE(check_gradients(f, {x})) << names;
      EXPECT_TRUE(check_second_gradients(f, x, {x})) << names;
    }
}

/// The two-player game with every augmentation.
std::unique_ptr<Game> game(const std::string& keys) {
  Choice choice{"adversarial", game_catalogue().make("adversarial")};
  TomlDocument("augment = \"color,translation,cutout\"\n" + keys, "test").read([&](Fields& f) {
    choice.config->fields(f);
  });
  return make_game(choice);
}

/// The discriminator's input in a turn.
std::vector<Tensor> shown(Game& game, const std::string& player, const Tensor& real, const Tensor& fake) {
  std::vector<Tensor> seen;
  auto turn = turn_on(real, fake, make_generator(15));
  turn.nets["discriminator"] = made_up([&](const Tensor& x, const Tensor&) {
    seen.push_back(x);
    return x.flatten(1).square().sum(1);
  });
  game.loss(player, turn);
  return seen;
}

bool is_changed(const Tensor& seen, const Tensor& given) { return largest(seen.detach() - given.detach()) > 0.1; }

TEST(AugmentedGame, ShowsTheDiscriminatorNothingUnchanged) {
  const auto real = pictures(4, 3, 8, 1), fake = pictures(4, 3, 8, 2).requires_grad_();
  const auto in_its_turn = shown(*game("r1 = 1\nr2 = 1"), "discriminator", real, fake);
  ASSERT_EQ(in_its_turn.size(), 4u);
  for (const auto& seen : in_its_turn) EXPECT_TRUE(is_changed(seen, real) && is_changed(seen, fake));
  EXPECT_TRUE(torch::equal(in_its_turn[0], in_its_turn[2])) << "R1 is on the real pictures as D saw them";
  EXPECT_TRUE(torch::equal(in_its_turn[1], in_its_turn[3])) << "R2 is on the generated ones as D saw them";
  const auto in_generators = shown(*game(""), "generator", real, fake);
  ASSERT_EQ(in_generators.size(), 1u);
  EXPECT_TRUE(is_changed(in_generators[0], fake));
  EXPECT_TRUE(in_generators[0].requires_grad()) << "the generator learns through it";
}

TEST(AugmentedGame, HasTheGradientsOfItsLoss) {
  for (const char* keys : {"", "r1 = 1", "r2 = 1", "wgan_gp = 10", "dragan = 10", "objective = \"softmax\""}) {
    const auto played = game(keys);
    auto generator = make_generator(16);
    const auto real = pictures(2, 3, 8, 1), fake = normal_leaf({2, 3, 8, 8}, generator);
    const auto w = normal_leaf({192, 4}, generator), v = normal_leaf({4}, generator);
    const auto loss = [&](const std::string& player) {
      // The trainer passes fakes without their graph to players that have not made them.
      auto turn = turn_on(real, player == "generator" ? fake : fake.detach(), make_generator(17));
      turn.nets["discriminator"] =
          made_up([&](const Tensor& x, const Tensor&) { return torch::tanh(x.flatten(1).mm(w) / 10).mv(v); });
      return played->loss(player, turn).total();
    };
    EXPECT_TRUE(check_gradients([&] { return loss("discriminator"); }, {w, v})) << keys;
    EXPECT_TRUE(check_gradients([&] { return loss("generator"); }, {fake})) << keys;
  }
}

TEST(AugmentedGame, IsRefusedForVectors) {
  const auto recipe = tiny(kTinyRing, {"game.augment=color"});
  EXPECT_EQ(error_of([&] { Training training(recipe); }, Fault::recipe),
            "[game]: augment = \"color\" changes pictures, the data are vectors of 2; leave it out");
  EXPECT_NO_THROW(Training(tiny(kTinyRing)));
}

TEST(AugmentedGame, GoesOnAfterAResumeAsIfItHadNotStopped) {
  const auto recipe = tiny(kTinyDigits, {"game.augment=\"color,translation,cutout\""});
  Training whole(recipe);
  whole.rounds(4);
  const auto half = snapshot(whole.trainer);
  whole.rounds(4);
  Training resumed(recipe, Trainer::saved_cursor(half));
  resumed.trainer.load(half);
  resumed.rounds(4);
  expect_same(whole.trainer.save(), resumed.trainer.save());
  Training without(tiny(kTinyDigits));
  without.rounds(8);
  EXPECT_FALSE(torch::equal(without.weights("discriminator"), whole.weights("discriminator")));
}

}  // namespace
}  // namespace duet
