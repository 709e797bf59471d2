#include "duet/train/loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "duet/core/files.h"
#include "duet/data/formats/npy.h"
#include "tests/train/train_run.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

/// Hooks that stop after `rounds` rounds.
LoopHooks stopping_after(int rounds) {
  LoopHooks hooks;
  hooks.should_stop = [left = std::make_shared<int>(rounds)] { return --*left == 0; };
  return hooks;
}

std::vector<std::byte> newest_bytes(const fs::path& run) {
  return read_bytes(RunFolder::open(run).checkpoints().back(), Fault::checkpoint);
}

std::string names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, " "));
}

void expect_same_end(const Recipe& recipe, const std::vector<int>& stops) {
  const FreshFolder folder;
  EXPECT_TRUE(train_run(folder / "whole", recipe).finished);
  for (const int rounds : stops) EXPECT_FALSE(train_run(folder / "parts", recipe, stopping_after(rounds)).finished);
  EXPECT_TRUE(train_run(folder / "parts", recipe).finished);
  EXPECT_EQ(newest_bytes(folder / "parts"), newest_bytes(folder / "whole"));
  // Records and pictures are the same as well, except for speeds.
  const auto whole = RunFolder::open(folder / "whole").events(), parts = RunFolder::open(folder / "parts").events();
  EXPECT_EQ(parts.back().at("images"), whole.back().at("images"));
  EXPECT_EQ(names_in(folder / "parts/samples"), names_in(folder / "whole/samples"));
}

TEST(Loop, EndsWithTheSameBytesWhereverARingWasStopped) { expect_same_end(tiny(kTinyRing), {1, 33, 20}); }

TEST(Loop, EndsWithTheSameBytesWhereverDigitsWereStopped) { expect_same_end(tiny(kTinyDigits), {3, 9}); }

TEST(Loop, EndsWithTheSameBytesWhenScoredAndKilledBetweenCheckpoints) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, {"score.every=0.5", "score.samples=200", "keep=100"});
  train_run(folder / "whole", recipe);
  const auto run = RunFolder::open(folder / "whole");
  // As after a kill: an old checkpoint, later records and a later best checkpoint, a partial line.
  fs::copy(folder / "whole", folder / "killed", fs::copy_options::recursive);
  const auto killed = RunFolder::open(folder / "killed");
  for (const auto& path : killed.checkpoints())
    if (path.stem() > "000000400") fs::remove(path);
  put_file(folder / "killed/events.jsonl", read_text(folder / "killed/events.jsonl", Fault::checkpoint) + "{\"even");
  train_run(folder / "killed", recipe);
  EXPECT_EQ(newest_bytes(folder / "killed"), newest_bytes(folder / "whole"));
  EXPECT_EQ(read_bytes(killed.best_path(), Fault::checkpoint), read_bytes(run.best_path(), Fault::checkpoint));
  const auto images = [](const RunFolder& folder_of) {
    std::string all;
    for (const auto& event : folder_of.events())
      all += fmt::format("{}{} ", event.at("event").get<std::string>(), event.at("images").get<int64_t>());
    return all;
  };
  auto told = images(killed);
  const std::string resumed = "resume400 ";
  ASSERT_NE(told.find(resumed), std::string::npos) << told;
  EXPECT_EQ(told.erase(told.find(resumed), resumed.size()), images(run));
}

TEST(Loop, ForgetsTheRecordsOfAnAttemptWithoutACheckpoint) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, {"kimg=0.4", "tick=0.1"});
  const auto data = open_training_data(recipe);
  const auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  put_file(folder / "run/events.jsonl",
           "{\"event\":\"start\",\"images\":0}\n{\"event\":\"tick\",\"images\":100}\n{\"event\":\"ti");
  train_run(folder / "run", recipe);
  ASSERT_EQ(run.events().size(), 6u);  // the beginning, four ticks, the end
  EXPECT_EQ(run.events()[0].at("event"), "start");
  EXPECT_EQ(run.events()[1].at("images"), 112);
}

TEST(Loop, KeepsItsCadences) {
  const FreshFolder folder;
  std::string ticks;
  LoopHooks hooks;
  hooks.tick = [&](const Progress& progress) {
    ticks += fmt::format("{:.3f} ", progress.kimg);
    EXPECT_EQ(progress.total_kimg, 1.6);
    EXPECT_GT(progress.images_per_second, 0);
    double shares = 0;
    for (const auto& [name, share] : progress.time_shares) shares += share;
    EXPECT_NEAR(shares, 1, 0.02);
  };
  const auto outcome = train_run(folder / "run", tiny(kTinyRing, {"sample_every=0.8", "keep=2"}), hooks);
  EXPECT_EQ(ticks, "0.400 0.800 1.200 1.600 ");
  EXPECT_EQ(names_in(folder / "run/checkpoints"), "000001200.safetensors 000001600.safetensors");
  EXPECT_EQ(names_in(folder / "run/samples"), "000000000.png 000000800.png 000001600.png");
  EXPECT_EQ(names_in(folder / "run"),
            ".lock checkpoints curves.png events.jsonl recipe.toml run.json samples samples.gif");
  EXPECT_EQ(outcome.sheet, folder / "run/samples/000001600.png");
  EXPECT_FALSE(outcome.score);
}

TEST(Loop, DoesNothingToAFinishedRun) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing);
  train_run(folder / "run", recipe);
  const auto before = newest_bytes(folder / "run");
  EXPECT_TRUE(train_run(folder / "run", recipe).finished);
  EXPECT_EQ(newest_bytes(folder / "run"), before);
  EXPECT_TRUE(train_run(folder / "run", tiny(kTinyRing, {"kimg=2"})).finished);
  EXPECT_DOUBLE_EQ(RunFolder::open(folder / "run").events().back().at("images").get<double>(), 2000);
}

TEST(Loop, StopsWhereALossIsNotFinite) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, {"player.discriminator.optimizer=sgd", "player.discriminator.lr=1e30",
                                       "checkpoint_every=0.1", "tick=0.1"});
  const auto error = error_of([&] { train_run(folder / "run", recipe); }, Fault::diverged);
  EXPECT_TRUE(error.starts_with("step ")) << error;
  EXPECT_NE(error.find(", because the discriminator's weights had grown to "), std::string::npos) << error;
  EXPECT_TRUE(error.ends_with(
      "; training stopped, nothing after the last checkpoint is kept; lower player.discriminator.lr, or "
      "add a penalty (game.r1), and start again in another --out; " +
      (folder / "run").string() + " holds no checkpoint yet"))
      << error;
  EXPECT_TRUE(RunFolder::open(folder / "run").checkpoints().empty()) << "a checkpoint of nothing finite was kept";
}

TEST(Loop, ForeseesTheScoresAndKeepsThemOutOfThePace) {
  const FreshFolder folder;
  std::vector<double> left;
  LoopHooks hooks;
  hooks.tick = [&](const Progress& progress) { left.push_back(progress.seconds_left); };
  hooks.scored = [&](const Report&, bool) { std::this_thread::sleep_for(std::chrono::milliseconds(500)); };
  const auto begin = std::chrono::steady_clock::now();
  train_run(folder / "run",
            tiny(kTinyRing, {"kimg=0.96", "checkpoint_every=9", "tick=0.096", "score.every=0.48", "score.samples=100"}),
            hooks);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(left.size(), 10u);
  // Half a second was slept at 0.48 kimg and will be at the end. Counted as training it would give 0.4 at 0.576 kimg,
  // and 0.06 at 0.864.
  for (const size_t tick : {5, 8}) {
    EXPECT_GT(left[tick], 0.5) << tick;
    EXPECT_LT(left[tick], 0.85 + taken.count() - 1) << tick;  // on a busy machine the steps take their time
  }
}

/// The scores of a training, and which of them were the best so far.
struct Scores {
  std::vector<double> values;
  std::vector<bool> bests;
  LoopHooks hooks() {
    LoopHooks hooks;
    hooks.scored = [this](const Report& report, bool best) {
      values.push_back(report.primary.value);
      bests.push_back(best);
    };
    return hooks;
  }
};

TEST(Loop, KeepsTheBestScored) {
  const FreshFolder folder;
  Scores scores;
  const auto recipe = tiny(kTinyRing, {"score.every=0.4", "score.samples=200", "player.generator.lr=0.05"});
  const auto outcome = train_run(folder / "run", recipe, scores.hooks());
  ASSERT_EQ(scores.values.size(), 4u);
  double least = INFINITY;
  for (size_t i = 0; i < scores.values.size(); ++i) {
    EXPECT_EQ(scores.bests[i], scores.values[i] < least);
    least = std::min(least, scores.values[i]);
  }
  ASSERT_TRUE(outcome.best);
  EXPECT_EQ(*outcome.best, least);
  const auto file = RunFolder::open(folder / "run").checkpoint("best");
  EXPECT_EQ(std::stod(file.text("best")), least);
  EXPECT_EQ(file.text("best_metric"), outcome.best_metric);
  EXPECT_EQ(std::stod(file.text("best_kimg")), outcome.best_kimg);
  EXPECT_EQ(Trainer::saved_cursor(file), static_cast<int64_t>(std::lround(outcome.best_kimg * 1000)));
  EXPECT_EQ(outcome.score->primary.value, scores.values.back());
}

TEST(Loop, ScoresWithoutTouchingWhatTrainingComputes) {
  const FreshFolder folder;
  train_run(folder / "plain", tiny(kTinyRing));
  train_run(folder / "watched", tiny(kTinyRing, {"score.every=0.8", "score.samples=200", "sample_every=0.8", "tick=0.1",
                                                 "checkpoint_every=0.1", "data.threads=3"}));
  const auto plain = RunFolder::open(folder / "plain").checkpoint("last");
  const auto watched = RunFolder::open(folder / "watched").checkpoint("last");
  for (const auto& [name, value] : plain.tensors) EXPECT_TRUE(torch::equal(value, watched.tensors.at(name))) << name;
}

TEST(Loop, TrainsOnSingleNumbers) {
  const FreshFolder folder;
  const auto outcome = train_run(
      folder / "run", tiny(kTinyRing, {"data.spec=gaussians1d", "kimg=0.4", "score.every=0.4", "score.samples=200"}));
  EXPECT_TRUE(outcome.finished);
  EXPECT_TRUE(fs::exists(outcome.sheet));
}

TEST(TrainingData, LooksAtALargeSetWithoutAPeriodOfItsOwn) {
  const FreshFolder folder;
  std::vector<uint8_t> numbers(200'000), labels(numbers.size());
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = i % 2;
  write_npy(folder / "x.npy", {{static_cast<int64_t>(numbers.size()), 1}, numbers});
  write_npy(folder / "y.npy", {{static_cast<int64_t>(labels.size())}, labels});
  const auto data =
      open_training_data(tiny(kTinyRing, {"data.held_out=0", "data.spec='" + folder.path().string() + "'"}));
  // Every second label alone, which even steps would see, is always 0.
  ASSERT_EQ(data.facts.class_share.size(), 2u);
  EXPECT_NEAR(data.facts.class_share[0], 0.5, 0.01);
}

TEST(Loop, ScoresOnTrainingDataWhereNothingOrAlmostNothingIsHeldOutAndSaysSo) {
  for (const char* held_out : {"data.held_out=0", "data.held_out=30"}) {
    const FreshFolder folder;
    std::vector<std::string> notes;
    LoopHooks hooks;
    hooks.note = [&](const std::string& text) { notes.push_back(text); };
    const auto outcome = train_run(
        folder / "run", tiny(kTinyRing, {"kimg=0.4", "score.every=0.2", "score.samples=200", held_out}), hooks);
    ASSERT_EQ(notes.size(), 1u) << "once, not with every score";
    EXPECT_NE(notes[0].find("samples are compared with training data"), std::string::npos) << notes[0];
    ASSERT_TRUE(outcome.score.has_value());
    EXPECT_EQ(outcome.score->notes.front(), notes[0]);
    EXPECT_TRUE(outcome.best.has_value());
  }
}

TEST(Loop, NamesTheCheckpointItPassesOver) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing);
  train_run(folder / "run", recipe);
  const auto newest = RunFolder::open(folder / "run").checkpoints().back();
  const auto before = newest_bytes(folder / "run");
  fs::resize_file(newest, fs::file_size(newest) / 2);
  std::vector<std::string> notes;
  LoopHooks hooks;
  hooks.note = [&](const std::string& text) { notes.push_back(text); };
  train_run(folder / "run", recipe, hooks);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_TRUE(notes[0].starts_with(newest.string() + ": damaged: ")) << notes[0];
  EXPECT_TRUE(notes[0].ends_with("; skipped")) << notes[0];
  EXPECT_EQ(notes[1], "resumed at 1.200 kimg");
  EXPECT_EQ(newest_bytes(folder / "run"), before);
}

TEST(Loop, TakesTheFirstOfEqualScoresForTheBest) {
  const FreshFolder folder;
  Scores scores;
  const auto outcome =
      train_run(folder / "run", tiny(kTinyRing, {"score.every=0.8", "score.samples=200", "player.generator.lr=0"}),
                scores.hooks());
  ASSERT_EQ(scores.values.size(), 2u);
  ASSERT_EQ(scores.values[0], scores.values[1]) << "the generator does not learn";
  EXPECT_EQ(scores.bests, (std::vector<bool>{true, false}));
  EXPECT_DOUBLE_EQ(outcome.best_kimg, 0.8);
}

TEST(Loop, NamesTheSheetOfAFinishedRun) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing);
  const auto sheet = train_run(folder / "run", recipe).sheet;
  EXPECT_EQ(sheet, folder / "run/samples/000001600.png");
  EXPECT_EQ(train_run(folder / "run", recipe).sheet, sheet);
}

TEST(Loop, ForeseesTheEndOfAResumedRunByItsOwnPace) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, {"kimg=0.96", "tick=0.096", "checkpoint_every=0.48"});
  train_run(folder / "run", recipe, stopping_after(51));  // at 0.816 of 0.96 kimg
  std::vector<double> left;
  LoopHooks hooks;
  hooks.round_done = [](double) { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
  hooks.tick = [&](const Progress& progress) { left.push_back(progress.seconds_left); };
  train_run(folder / "run", recipe, hooks);
  ASSERT_EQ(left.size(), 2u);
  // At 0.864 kimg three rounds are made, and six remain; by all kimg of the run it would be a thirtieth of a second.
  EXPECT_GT(left[0], 0.5);
  EXPECT_EQ(left[1], 0);
}

}  // namespace
}  // namespace duet
