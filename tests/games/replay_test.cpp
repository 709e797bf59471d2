// Earlier fakes among those that a discriminator is shown.
#include "duet/games/replay.h"

#include <gtest/gtest.h>

#include <set>

namespace duet {
namespace {

/// Fakes are numbered in the order in which they were made.
class ReplayOf : public testing::Test {
 protected:
  /// One turn: the numbers of the fakes that were shown.
  std::vector<int64_t> play(Replay& replay, int64_t count) {
    const auto fakes = torch::arange(next_, next_ + count, torch::kFloat32).view({count, 1});
    next_ += count;
    std::map<std::string, Tensor> made;
    Turn turn;
    turn.noise = noise_;
    turn.make_once = [&](const std::string& name, const std::function<Tensor()>& make) {
      if (!made.contains(name)) made[name] = make();
      return made[name];
    };
    const auto shown = replay.shown(fakes, turn);
    EXPECT_TRUE(torch::equal(replay.shown(fakes, turn), shown)) << "look-ahead asks again";
    replay.keep(fakes, turn);
    const auto numbers = shown.to(torch::kInt64).contiguous();
    return {numbers.data_ptr<int64_t>(), numbers.data_ptr<int64_t>() + count};
  }
  static std::vector<std::pair<std::string, Tensor>> state(const Replay& replay) {
    std::vector<std::pair<std::string, Tensor>> all;
    replay.add_state(all);
    return all;
  }

  Noise noise_ = make_generator(7);
  int64_t next_ = 1;
};

TEST_F(ReplayOf, ShowsAndKeepsTheFirstFakesEachInAPlaceOfItsOwn) {
  Replay replay("b", 6);
  replay.begin({1, 1, 1});
  EXPECT_EQ(play(replay, 6), (std::vector<int64_t>{1, 2, 3, 4, 5, 6}));
  const auto kept = state(replay)[0].second.flatten().to(torch::kInt64);
  EXPECT_TRUE(torch::equal(std::get<0>(kept.sort()), torch::arange(1, 7)));
}

TEST_F(ReplayOf, ExchangesHalfOfTheFakesForEarlierOnesEachOfWhichItShowsOnce) {
  Replay replay("b", 50);
  replay.begin({1, 1, 1});
  std::set<int64_t> seen;
  int64_t old = 0, all = 0, since_full = 0;
  for (int turn = 0; turn < 100; ++turn) {
    const auto first = next_;
    if (turn == 20) since_full = first;
    for (const auto number : play(replay, 40)) {
      if (turn < 20) continue;
      EXPECT_TRUE(number < since_full || seen.insert(number).second) << number << " was shown before";
      old += number < first, ++all;
    }
  }
  EXPECT_NEAR(static_cast<double>(old) / static_cast<double>(all), 0.5, 0.05);
}

TEST_F(ReplayOf, ShowsTheLastOfALargeBatchAsTheyAre) {
  Replay replay("b", 2);
  replay.begin({1, 1, 1});
  play(replay, 4);
  const auto first = next_;
  const auto shown = play(replay, 4);
  EXPECT_EQ(shown[2], first + 2);
  EXPECT_EQ(shown[3], first + 3);
}

TEST_F(ReplayOf, OfNoSizeShowsEverythingAndHasNoState) {
  Replay replay("b", 0);
  replay.begin({1, 1, 1});
  EXPECT_EQ(play(replay, 3), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_TRUE(state(replay).empty());
}

}  // namespace
}  // namespace duet
