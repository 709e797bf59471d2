// The clock that players' schedules follow.
#include "duet/data/formats/npz.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// 64 points, an epoch of four rounds of 16.
std::string put_points(const FreshFolder& folder) {
  std::vector<float> numbers(128);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 7) - 3;
  write_npz(folder / "points.npz", {{"x", {{64, 2}, numbers}}});
  return (folder / "points.npz").string();
}

/// In how many of `rounds` rounds the generator's weights change with this learning rate.
int moving_rounds(const FreshFolder& folder, const std::string& lr, int rounds) {
  Training training(
      tiny(kTinyRing, {"data.spec=" + put_points(folder), "data.held_out=0", "player.generator.lr=" + lr}));
  int moved = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto before = training.weights("generator").clone();
    training.rounds(1);
    moved += !torch::equal(before, training.weights("generator"));
  }
  return moved;
}

TEST(Clock, CountsEpochsKimgAndAPlayersUpdates) {
  const FreshFolder folder;
  const auto until = [](const std::string& unit, const std::string& end) {
    return "{shape='steps', from=0.1, values=[0], at=[" + end + "], unit='" + unit + "'}";
  };
  // The batch of a round has been seen when its players move: the clock is then at its end.
  EXPECT_EQ(moving_rounds(folder, until("epoch", "1"), 12), 3);
  EXPECT_EQ(moving_rounds(folder, until("epoch", "2.5"), 12), 9);
  EXPECT_EQ(moving_rounds(folder, until("kimg", "0.08"), 12), 4);
  EXPECT_EQ(moving_rounds(folder, until("update", "5"), 12), 5);
}

/// The discriminator's weights after four rounds with two of its moves each; the generator, with its own clock, waits.
Tensor discriminated(const std::string& at) {
  Training training(tiny(kTinyRing, {"player.discriminator.steps=2", "player.generator.start=100",
                                     "game.instance_noise={shape='steps', from=0.5, values=[0], " + at + "}"}));
  training.rounds(4);
  return training.weights("discriminator").clone();
}

TEST(Clock, OfAGameCountsTheUpdatesOfWhoMovesAndNotRounds) {
  const auto five = discriminated("at=[5], unit='update'");
  EXPECT_TRUE(torch::equal(five, discriminated("at=[0.096], unit='kimg'"))) << "the sixth batch is the first without";
  EXPECT_FALSE(torch::equal(five, discriminated("at=[4], unit='update'")));
  EXPECT_FALSE(torch::equal(five, discriminated("at=[100], unit='update'")));
}

}  // namespace
}  // namespace duet
