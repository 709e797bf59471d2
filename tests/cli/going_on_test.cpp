#include <csignal>
#include <thread>

#include "duet/core/files.h"
#include "duet/core/random.h"
#include "tests/cli/program.h"

// Trainings that are stopped by a signal, a full disk or a loss, and resumed.
namespace duet {
namespace {

TEST_F(Slow_Cli, LeavesNothingOfATrainingThatNeverMadeAStep) {
  expect_success("data make digits -n 600 --out bad");
  for (const auto& file : fs::recursive_directory_iterator(folder_ / "bad"))
    if (file.is_regular_file()) fs::resize_file(file, 60);
  const std::string rest =
      " --set score.every=0 --set data.held_out=0 --set network.generator.label=none --set "
      "network.discriminator.label=none --set data.resolution=28 --set data.channels=1 --out run";
  const auto refused = duet("train digits.toml --data bad" + rest);
  EXPECT_EQ(refused.status, static_cast<int>(Fault::data)) << refused.error;
  EXPECT_NE(refused.error.find("damaged PNG"), std::string::npos) << refused.error;
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  expect_success("train digits.toml" + rest);
}

TEST_F(Cli, GoesOnFromACheckpointThatDoesNotNameItsMetric) {
  expect_success("train ring --out run --kimg 0.4 --threads 1");
  auto file = read_tensors(checkpoints("run").back());
  ASSERT_FALSE(file.texts.contains("best_metric"));
  file.texts["best"] = "1.5";
  file.texts["best_kimg"] = "0.4";
  write_tensors(checkpoints("run").back(), file);
  const auto result = duet("train run --resume --kimg 0.8 --threads 1");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("best:   1.5 at 0.4 kimg; "), std::string::npos) << result.out;
}

TEST_F(Cli, ARunThatIsTrainingIsLeftAloneByARefusedResume) {
  expect_success("train ring --out run");
  const auto before = text("run/recipe.toml");
  RunFolder busy = RunFolder::open(folder_ / "run");
  busy.lock();
  expect_refusal("train run --resume --set kimg=77", Fault::usage,
                 "run: another process is training this run; stop it first, or train into another --out");
  EXPECT_EQ(text("run/recipe.toml"), before);
}

TEST_F(Cli, ADryRunOfAResumeTrainsNothing) {
  expect_success("train ring --out run");
  const auto before = checkpoints("run");
  const auto result = duet("train run --resume --dry-run --kimg 500");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("\nkimg = 500"), std::string::npos);
  EXPECT_EQ(checkpoints("run"), before);
}

TEST_F(Cli, LeavesTheRunAsItWasWhereAChangeDoesNotFitItsCheckpoint) {
  expect_success("train ring.toml --out a --kimg 0.4");
  const auto before = text("a/recipe.toml");
  const auto result = duet("train a --resume --accept-changes --kimg 0.8 --set network.generator.widths=[16]");
  EXPECT_EQ(result.status, static_cast<int>(Fault::checkpoint));
  EXPECT_NE(result.error.find("use the one it was trained with"), std::string::npos) << result.error;
  EXPECT_EQ(text("a/recipe.toml"), before);
  expect_refusal("train a --resume --kimg 0.2", Fault::usage,
                 "--kimg 0.2: a is at 0.4 kimg already; give more to continue it");
  EXPECT_EQ(text("a/recipe.toml"), before);
}

TEST_F(Cli, KeepsTheLastCheckpointWhenTheDiskIsFull) {
  const std::string wide = "--set 'network.generator.widths=[128, 128]' --threads 1";
  expect_success("train ring --out run --kimg 0.4 " + wide);
  const auto before = checkpoints("run");
  ASSERT_EQ(before.size(), 1u);
  const auto result = shell("ulimit -f 64; duet train run --resume --kimg 1.2 --threads 1");
  EXPECT_EQ(result.status, static_cast<int>(Fault::device));
  EXPECT_EQ(result.error,
            "duet: run/checkpoints/000000800.safetensors: cannot write: File too large; free some space or choose "
            "another folder; the training is saved at 0.4 kimg; resume with: duet train run --resume\n");
  EXPECT_EQ(checkpoints("run"), before) << "half a file stays, or the whole one is gone";
  const auto again = duet("train run --resume --kimg 1.2 --threads 1");
  EXPECT_EQ(again.status, 0) << again.error;
  EXPECT_NE(again.out.find("resumed at 0.400 kimg\n"), std::string::npos) << again.out;
  EXPECT_EQ(checkpoints("run").size(), 3u);
}

TEST_F(Cli, StopsWhereALossIsNotFinite) {
  const auto result =
      duet("train ring --threads 1 --set player.discriminator.optimizer=sgd --set player.discriminator.lr=1e30");
  EXPECT_EQ(result.status, static_cast<int>(Fault::diverged));
  EXPECT_TRUE(result.error.starts_with("duet: step ")) << result.error;
  EXPECT_TRUE(
      result.error.ends_with("; lower player.discriminator.lr, or add a penalty (game.r1), and start again in "
                             "another --out; runs/ring holds no checkpoint yet\n"))
      << result.error;
}

TEST_F(Slow_Cli, NamesADamagedCheckpointAndUsesTheOneBefore) {
  expect_success("train ring --out run --kimg 1.2 --threads 1");
  const auto newest = checkpoints("run").back();
  fs::resize_file(newest, 100);
  const auto result = duet("train run --resume --kimg 1.6 --threads 1");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_TRUE(result.out.starts_with("continuing with a changed recipe:\n  kimg: 1.2 -> 1.6\nresumed at 0.800 kimg\n"))
      << result.out;
  EXPECT_TRUE(result.error.starts_with("run/checkpoints/000001200.safetensors: damaged: ")) << result.error;
  EXPECT_TRUE(result.error.ends_with("; skipped\n")) << result.error;
  for (const auto& path : checkpoints("run")) put_file(path, "");
  for (const auto* command : {"sample run --out x.npy", "train run --resume --kimg 2 --threads 1"}) {
    const auto none = duet(command);
    EXPECT_EQ(none.status, static_cast<int>(Fault::checkpoint));
    EXPECT_TRUE(
        none.error.starts_with("duet: run: none of its 3 checkpoints is undamaged, so the run cannot continue. The "
                               "newest: run/checkpoints/000001600.safetensors: "))
        << none.error;
  }
  fs::remove_all(folder_ / "run/checkpoints");
  const auto begins = duet("train run --resume --kimg 0.4 --threads 1");
  EXPECT_EQ(begins.status, 0) << begins.error;
  EXPECT_TRUE(begins.out.starts_with("run: no checkpoint yet; starting again from the beginning\n")) << begins.out;
}

TEST_F(Slow_Cli, ShowsAChangedRecipeAndGoesOnOnlyWhenTold) {
  expect_success("train ring --out run --kimg 0.4 --threads 1");
  expect_refusal("train run --resume --out other", Fault::usage,
                 "--out other: --resume continues run in place; to continue a copy, cp -r run other first");
  expect_refusal("train run --resume --kimg 0.2", Fault::usage,
                 "--kimg 0.2: run is at 0.4 kimg already; give more to continue it");
  const auto recipe = text("run/recipe.toml");
  expect_refusal("train run --resume --kimg 0.8 --set batch=32", Fault::recipe,
                 "the recipe differs from the one this run was trained with:\n  batch: 16 -> 32\n"
                 "undo the change, or add --accept-changes to continue with it");
  EXPECT_EQ(text("run/recipe.toml"), recipe) << "a refused change was written";
  const auto result = duet("train run --resume --kimg 0.8 --set batch=32 --accept-changes --threads 1");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_TRUE(
      result.out.starts_with("continuing with a changed recipe:\n  kimg: 0.4 -> 0.8\n  batch: 16 -> 32\n"
                             "resumed at 0.400 kimg\n"))
      << result.out;
  EXPECT_NE(text("run/recipe.toml").find("\nbatch = 32 "), std::string::npos);
  const auto again = duet("train run --resume --kimg 1.2 --threads 1");
  EXPECT_EQ(again.status, 0) << again.error;
}

TEST_F(Cli, FinishesTheStepAndSavesWhenTerminated) {
  const pid_t child = start(
      {"train", "ring.toml", "--out", "run", "--kimg", "100000", "--threads", "1", "--set", "checkpoint_every=100000"});
  wait_for_output();
  ::kill(child, SIGTERM);
  EXPECT_EQ(exit_of(child), 128 + SIGTERM);
  const auto out = text("out.txt");
  const auto at = out.find("stopped at ");
  ASSERT_NE(at, std::string::npos) << out;
  EXPECT_NE(out.find("stopping after this step; press Ctrl-C again to quit now\n"), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with(" kimg, saved; resume with: duet train run --resume\n")) << out;
  ASSERT_EQ(checkpoints("run").size(), 1u);
  const double reached = std::stod(out.substr(at + 11));
  const auto result = duet(fmt::format("train run --resume --kimg {:.2f} --threads 1", reached + 0.1));
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("resumed at "), std::string::npos) << result.out;
}

TEST_F(Slow_Cli, QuitsAtOnceWhenToldASecondTime) {
  // A step of these networks takes long.
  const pid_t child = start({"train", "ring.toml", "--out", "run", "--threads", "1", "--set", "batch=16384", "--set",
                             "network.discriminator.widths=[2048, 2048]"});
  for (int i = 0; i < 4000 && !fs::exists(folder_ / "run/samples/000000000.png"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(child, SIGINT);
  const std::string stopping = "\nstopping after this step; press Ctrl-C again to quit now\n";
  for (int i = 0; i < 4000 && !text("out.txt").ends_with(stopping); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(text("out.txt").ends_with(stopping)) << text("out.txt");
  ::kill(child, SIGTERM);
  EXPECT_EQ(exit_of(child), 1000 + SIGTERM);
}

class Slow_Kill : public Cli {};

TEST_F(Slow_Kill, DigitsResumesByteForByteAfterTwentyKills) {
  const std::vector<std::string> recipe{"--threads",           "1", "--kimg", "12", "--set", "sample_every=1", "--set",
                                        "checkpoint_every=0.2"};
  const auto train = [&](const std::string& run) {
    std::vector<std::string> words{"train", "digits.toml", "--out", run};
    if (fs::exists(folder_ / run / "recipe.toml")) words = {"train", run, "--resume"};
    words.insert(words.end(), recipe.begin(), recipe.end());
    return start(words);
  };
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(exit_of(train("whole")), 0) << text("out.txt");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  Random random(20);
  int kills = 0, status = -1;
  while (kills < 20) {
    // A run killed before its recipe was written does not exist; nothing is lost.
    if (!fs::exists(folder_ / "killed/recipe.toml")) fs::remove_all(folder_ / "killed");
    fs::remove(folder_ / "out.txt");
    const pid_t child = train("killed");
    // Three of four kills come after the start, which takes long compared with so short a run; any of them may hit a
    // save.
    if (random.chance(0.75)) wait_for_output();
    std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0, seconds / 20)));
    ::kill(child, SIGKILL);
    status = exit_of(child);
    if (status != 1000 + SIGKILL) break;
    ++kills;
  }
  EXPECT_EQ(kills, 20) << "exit status " << status << "\n" << text("out.txt");
  ASSERT_EQ(exit_of(train("killed")), 0) << text("out.txt");
  const auto whole = checkpoints("whole").back(), killed = checkpoints("killed").back();
  expect_same(read_tensors(killed), read_tensors(whole));
  EXPECT_EQ(read_bytes(killed, Fault::checkpoint), read_bytes(whole, Fault::checkpoint));
}

}  // namespace
}  // namespace duet
