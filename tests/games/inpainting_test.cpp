// The game that completes masked pictures.
#include "duet/core/files.h"
#include "duet/train/pictures.h"
#include "tests/games/tiny_inpainting.h"
#include "tests/train/goes_on.h"
#include "tests/train/train_run.h"

namespace duet {
namespace {

std::string refused(const std::vector<std::string>& overrides) {
  return error_of([&] { Training training(tiny(kTinyInpainting, overrides)); }, Fault::recipe);
}

TEST(Inpainting, FillsTheHiddenPixelsAndLeavesTheKnownOnesToTheBit) {
  const auto recipe = tiny(kTinyInpainting);
  Training training(recipe);
  training.rounds(3);
  Sampler sampler(recipe, training.data.facts);
  // Drawn sets keep their order: sample i uses example i of each held-out part.
  for (const auto& stream : sampler.made_from()) sampler.give_examples(stream, training.data.split_of(stream).held_out);
  sampler.load(training.trainer);
  const auto samples = sampler.sample({.count = 12, .seed = 9});
  const auto &x = *training.data.split.held_out, &masks = *training.data.split_of("mask").held_out;
  std::vector<uint8_t> picture(64), mask(64);
  int64_t changed = 0;
  for (int64_t i = 0; i < 12; ++i) {
    x.read(i, picture.data()), masks.read(i, mask.data());
    for (int64_t k = 0; k < 64; ++k) {
      const auto found = samples[i].flatten()[k].item<uint8_t>(), real = picture[static_cast<size_t>(k)];
      if (mask[static_cast<size_t>(k)] == 255) {
        ASSERT_EQ(found, real) << i << " " << k;
      }
      changed += found != real;
    }
  }
  EXPECT_GT(changed, 12 * 8);
  EXPECT_FALSE(torch::equal(sampler.sample({.count = 12, .seed = 10}), samples)) << "other noise";
  expect_goes_on(training, recipe);
}

/// The game on given pictures and masks.
class InpaintingTurn : public testing::Test {
 protected:
  InpaintingTurn() {
    const auto recipe = tiny(kTinyInpainting, {"game.l1=3"});
    game_ = make_game(recipe.game);
    turn_.given = {{"x", torch::rand({2, 1, 2, 2})},
                   {"mask", torch::tensor({1.F, 0.F, 1.F, 1.F, 0.F, 0.F, 1.F, 1.F}).view({2, 1, 2, 2})},
                   {"noise", torch::full({2, 4}, 7.F)}};
    turn_.nets["generator"] = Net([this](const Tensor& seen, const Named&, int64_t) {
      seen_ = seen;
      return made_;
    });
    turn_.nets["discriminator"] = Net([](const Tensor& x, const Named&, int64_t) { return x.flatten(1).sum(1); });
    turn_.noise = make_generator(1);
  }
  std::unique_ptr<Game> game_;
  Turn turn_;
  Tensor seen_, made_ = torch::full({2, 1, 2, 2}, -2.F, torch::requires_grad());
};

TEST_F(InpaintingTurn, ShowsTheGeneratorNothingOfWhatIsHidden) {
  game_->loss("generator", turn_);
  ASSERT_EQ(seen_.sizes(), (std::vector<int64_t>{2, 2, 2, 2}));
  const auto &mask = turn_.given.at("mask"), known = mask > 0;
  EXPECT_TRUE(torch::equal(seen_.narrow(1, 0, 1), torch::where(known, turn_.x(), torch::full({1}, 7.F))));
  EXPECT_TRUE(torch::equal(seen_.narrow(1, 1, 1), mask));
}

TEST_F(InpaintingTurn, AsksTheGeneratorForTheHiddenPixelsAlone) {
  const auto loss = game_->loss("generator", turn_);
  loss.total().backward();
  const auto hidden = turn_.given.at("mask") == 0;
  EXPECT_TRUE(torch::equal(made_.grad() != 0, hidden));
  // Three hidden numbers, by hand.
  const auto expected = (turn_.x() + 2).masked_select(hidden).mean().item<double>();
  ASSERT_EQ(loss.terms.size(), 2u);
  EXPECT_EQ(loss.terms[1].name, "l1");
  EXPECT_NEAR(loss.terms[1].value.item<double>(), expected, 1e-6);
  EXPECT_EQ(loss.terms[1].weight, 3);
}

TEST_F(InpaintingTurn, TakesTheMeanDistanceOverAllNumbersOfHiddenPixels) {
  turn_.given["x"] = torch::zeros({2, 3, 2, 2});
  turn_.given["noise"] = torch::zeros({2, 12});
  made_ = torch::full({2, 3, 2, 2}, 2.F, torch::requires_grad());
  EXPECT_NEAR(game_->loss("generator", turn_).terms.at(1).value.item<double>(), 2, 1e-6);
}

TEST(Inpainting, TellsOfItsDiscriminatorsNeeds) {
  const auto game = make_game(tiny(kTinyInpainting, {"game.objective=wgan"}).game);
  EXPECT_EQ(game->needs().at("discriminator").lipschitz, "game.objective = \"wgan\"");
  EXPECT_EQ(game->stability_advice("discriminator"), "add a penalty (game.wgan_gp)");
  EXPECT_EQ(game->stability_advice("generator"), "");
  DataKind vectors{.shape = {3, 1, 1}};
  vectors.streams["mask"] = {.shape = {1, 1, 1}, .range = Range{0, 1}};
  EXPECT_NE(error_of([&] { game->check(vectors); }, Fault::recipe), "") << "they have no pixels";
}

TEST(Inpainting, RefusesMasksThatAreNoneWithWhatToDo) {
  EXPECT_EQ(refused({"stream.mask.range=-1..1"}),
            "[stream.mask]: range = \"-1..1\"; expected \"0..1\", as a mask is 1 where a pixel is known");
  EXPECT_EQ(refused({"stream.mask.resolution=16"}),
            "[stream.mask]: its examples are 1x16x16, and those of [data] 1x8x8; expected pictures, and for each of "
            "their pixels one number: spec = \"masks\" with the resolution of [data]");
  EXPECT_EQ(refused({"stream.mask.spec="}),
            "tiny: game \"inpainting\" has a stream of masks, 1 where a pixel is known and 0 where it is hidden, and "
            "the recipe does not say which; expected [stream.mask] with spec = ...: a built-in name or a path (--set "
            "stream.mask.spec=SPEC)");
}

TEST_F(InpaintingTurn, OfPicturesWithoutHiddenPixelsHasNoDistance) {
  turn_.given["mask"] = torch::ones({2, 1, 2, 2});
  EXPECT_EQ(game_->loss("generator", turn_).terms.at(1).value.item<double>(), 0);
}

TEST(Inpainting, SheetsOfARunCompleteHeldOutPicturesByItsSeed) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyInpainting, {"kimg=0.032", "sample_every=0.032", "checkpoint_every=0.032"});
  const auto found = train_run(folder / "run", recipe).sheet;
  const auto data = open_training_data(recipe);
  auto sampler = Sampler::open(folder / "run", "last");
  for (const auto& stream : sampler.made_from()) sampler.give_examples(stream, data.split_of(stream).held_out);
  write_png(folder / "expected.png", progress_sheet(sampler, {}, recipe.seed));
  EXPECT_EQ(read_bytes(found, Fault::data), read_bytes(folder / "expected.png", Fault::data));
}

}  // namespace
}  // namespace duet
