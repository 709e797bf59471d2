// A score takes long, so it may be postponed, or a run may be killed during it.
#include <gtest/gtest.h>

#include <algorithm>

#include "duet/core/files.h"
#include "tests/train/train_run.h"

namespace duet {
namespace {

const std::vector<std::string> kScored = {"score.every=0.5", "score.samples=200", "keep=100"};

std::vector<std::byte> newest_bytes(const std::filesystem::path& run) {
  return read_bytes(RunFolder::open(run).checkpoints().back(), Fault::checkpoint);
}

/// Images at which scores were recorded.
std::vector<int64_t> scored_at(const std::filesystem::path& run) {
  std::vector<int64_t> all;
  for (const auto& event : RunFolder::open(run).events())
    if (event.at("event") == "score") all.push_back(event.at("images"));
  return all;
}

void expect_same_end(const std::filesystem::path& run, const std::filesystem::path& whole) {
  EXPECT_EQ(newest_bytes(run), newest_bytes(whole));
  EXPECT_EQ(read_bytes(RunFolder::open(run).best_path(), Fault::checkpoint),
            read_bytes(RunFolder::open(whole).best_path(), Fault::checkpoint));
  EXPECT_EQ(scored_at(run), scored_at(whole));
}

/// Stands in for a kill.
struct Killed {};

TEST(InterruptedScore, IsMadeWhenTheRunGoesOn) {
  const FreshFolder folder;
  for (const auto& extra : {"checkpoint_every=100", "checkpoint_every=0.5"}) {
    auto keys = kScored;
    keys.emplace_back(extra);
    const auto recipe = tiny(kTinyRing, keys);
    const auto whole = folder / fmt::format("whole {}", extra), parts = folder / fmt::format("parts {}", extra);
    ASSERT_TRUE(train_run(whole, recipe).finished);
    ASSERT_GE(scored_at(whole).size(), 2u);
    // Each training is asked to stop when its first score begins, including a postponed one.
    size_t stops = 0;
    for (bool finished = false; !finished && stops < 20; ++stops) {
      int begun = 0;
      bool stop = false;
      LoopHooks hooks;
      hooks.doing = [&](const std::string& what) {
        if (what.starts_with("scoring ") && ++begun == (stops == 0 ? 1 : 2)) stop = true;
      };
      hooks.should_stop = [&] { return stop; };
      const auto outcome = train_run(parts, recipe, hooks);
      finished = outcome.finished;
      if (finished) continue;
      EXPECT_EQ(RunFolder::open(parts).newest({})->text("score_due"), "yes");
    }
    EXPECT_GE(stops, scored_at(whole).size()) << extra;
    expect_same_end(parts, whole);
  }
}

TEST(InterruptedScore, CostsOnlyItselfWhereTheRunIsKilledInIt) {
  const FreshFolder folder;
  auto keys = kScored;
  keys.emplace_back("checkpoint_every=0.5");
  const auto recipe = tiny(kTinyRing, keys);
  ASSERT_TRUE(train_run(folder / "whole", recipe).finished);
  // At its beginning, and when its records are written but not yet the checkpoint with its result.
  LoopHooks at_begin, at_end;
  at_begin.doing = [](const std::string& what) {
    if (what.starts_with("scoring ")) throw Killed{};
  };
  at_end.scored = [](const Report&, bool) { throw Killed{}; };
  EXPECT_THROW(train_run(folder / "run", recipe, at_begin), Killed);
  const auto saved = RunFolder::open(folder / "run").checkpoints();
  ASSERT_EQ(saved.size(), 1u) << "what was trained before the first score is lost";
  EXPECT_THROW(train_run(folder / "run", recipe, at_end), Killed);
  ASSERT_EQ(RunFolder::open(folder / "run").checkpoints(), saved);
  ASSERT_TRUE(train_run(folder / "run", recipe).finished);
  expect_same_end(folder / "run", folder / "whole");
}

TEST(InterruptedScore, IsLeftOutWhereTheRunScoresNoMore) {
  const FreshFolder folder;
  LoopHooks hooks;
  bool stop = false;
  hooks.doing = [&](const std::string& what) { stop = what.starts_with("scoring "); };
  hooks.should_stop = [&] { return stop; };
  EXPECT_FALSE(train_run(folder / "run", tiny(kTinyRing, kScored), hooks).finished);
  EXPECT_TRUE(train_run(folder / "run", tiny(kTinyRing, {"score.every=0"})).finished);
  EXPECT_TRUE(scored_at(folder / "run").empty());
}

}  // namespace
}  // namespace duet
