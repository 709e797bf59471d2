// What a resumed run still knows.
#include <gtest/gtest.h>

#include <chrono>

#include "duet/core/files.h"
#include "tests/train/train_run.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

TEST(GoesOn, WithItsBestScoreWhereItWasMadeAndByItsMetric) {
  const FreshFolder folder;
  const auto scored = train_run(folder / "run", tiny(kTinyRing, {"kimg=0.4", "score.every=0.4", "score.samples=100"}));
  ASSERT_TRUE(scored.best);
  EXPECT_EQ(scored.best_kimg, 0.4);
  // Without another score: once from this process's own checkpoint and once from the previous process's.
  for (const char* kimg : {"kimg=0.8", "kimg=0.8"}) {
    const auto later = train_run(folder / "run", tiny(kTinyRing, {kimg}));
    ASSERT_TRUE(later.best);
    EXPECT_EQ(*later.best, *scored.best);
    EXPECT_EQ(later.best_kimg, 0.4);
    EXPECT_EQ(later.best_metric, scored.best_metric);
    EXPECT_EQ(later.sheet, folder / "run/samples/000000800.png") << "of a run that is complete as well";
  }
  const auto file = RunFolder::open(folder / "run").checkpoint("last");
  EXPECT_EQ(std::stod(file.text("best_kimg")), 0.4);
  EXPECT_EQ(file.text("best_metric"), scored.best_metric);
}

TEST(GoesOn, ForeseeingItsEndByThePaceOfWhatItHasDoneItself) {
  const FreshFolder folder;
  train_run(folder / "run", tiny(kTinyRing, {"kimg=8", "tick=8"}));
  std::vector<double> left, elapsed;
  std::chrono::steady_clock::time_point begin;
  LoopHooks hooks;
  hooks.started = [&](const StartInfo&) { begin = std::chrono::steady_clock::now(); };
  hooks.tick = [&](const Progress& progress) {
    left.push_back(progress.seconds_left);
    elapsed.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  };
  train_run(folder / "run", tiny(kTinyRing, {"kimg=10", "tick=1", "checkpoint_every=10"}), hooks);
  ASSERT_EQ(left.size(), 2u);
  // One kimg of two is done, so as much again is left, and not a ninth of it.
  EXPECT_GT(left[0], elapsed[0] / 3);
  EXPECT_LE(left[0], elapsed[0]);
}

TEST(GoesOn, WithStatisticsOfTheWeightsThatACheckpointHolds) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyDigits, {"sample_every=100", "keep=100"});
  const auto data = open_training_data(recipe);
  train_run(folder / "run", recipe);
  const auto checkpoints = RunFolder::open(folder / "run").checkpoints();
  ASSERT_EQ(checkpoints.size(), 4u);
  for (const auto& path : checkpoints) {
    const auto file = read_tensors(path);
    auto without = file;
    Sampler sampler(recipe, data.facts);
    const auto& statistics = sampler.network().buffers();
    for (const auto& [name, value] : statistics) without.tensors.erase("ema/generator/" + name);
    sampler.load(without);  // which takes them anew
    for (const auto& [name, value] : statistics)
      EXPECT_TRUE(torch::equal(value, file.at("ema/generator/" + name, value.sizes()))) << path << " " << name;
  }
}

}  // namespace
}  // namespace duet
