#include "duet/train/cadence.h"

#include <gtest/gtest.h>

namespace duet {
namespace {

Recipe recipe() {
  Recipe recipe;
  recipe.kimg = 10;
  recipe.tick = 0.4, recipe.sample_every = 6, recipe.checkpoint_every = 3, recipe.score.every = 5;
  return recipe;
}

std::string words(const Due& due) {
  std::string all;
  if (due.tick) all += "tick ";
  if (due.sheet) all += "sheet ";
  if (due.score) all += "score ";
  if (due.checkpoint) all += "checkpoint ";
  return all;
}

TEST(Cadence, MakesDueWhatARoundCrosses) {
  const auto at = [](double before, double now) { return words(due(recipe(), before, now, /*stop=*/false)); };
  EXPECT_EQ(at(0.0, 0.3), "");
  EXPECT_EQ(at(0.3, 0.5), "tick ");
  EXPECT_EQ(at(1.1, 1.2), "tick ") << "1.2 / 0.4 is a little under 3";
  EXPECT_EQ(at(2.95, 3.0), "tick checkpoint ");
  EXPECT_EQ(at(4.9, 5.1), "tick score ");
  EXPECT_EQ(at(5.9, 6.1), "tick sheet checkpoint ");
}

TEST(Cadence, ShowsEarlyAtTwiceAsManyEach) {
  auto early = recipe();
  early.tick = 100;
  const auto sheet = [&](double before, double now) { return due(early, before, now, false).sheet; };
  EXPECT_TRUE(sheet(0.9, 1.0));
  EXPECT_FALSE(sheet(1.0, 1.9));
  EXPECT_TRUE(sheet(1.9, 2.1));
  EXPECT_TRUE(sheet(3.9, 4.1));
  EXPECT_FALSE(sheet(7.9, 8.1)) << "from sample_every on that is the cadence";
}

TEST(Cadence, MakesAllDueAtTheEndAndSavesWhereItStops) {
  EXPECT_EQ(words(due(recipe(), 9.95, 10, false)), "tick sheet score checkpoint ");
  EXPECT_EQ(words(due(recipe(), 0.1, 0.2, /*stop=*/true)), "tick checkpoint ");
  auto unscored = recipe();
  unscored.score.every = 0;
  EXPECT_EQ(words(due(unscored, 9.95, 10, false)), "tick sheet checkpoint ");
}

}  // namespace
}  // namespace duet
