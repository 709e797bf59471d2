// How the program ends when it, or the reader of its output, is stopped.
#include <csignal>

#include "tests/cli/program.h"
#include "tests/places.h"

namespace duet {
namespace {

/// For commands that need the program's own process number, which a shell function hides.
const std::string kProgram = std::string("exec '") + program_path() + "' ";

/// Runs longer than any test and saves only at its end.
const std::string kLong = " --kimg 100000 --threads 1 --set checkpoint_every=100000 ";

class Slow_Endings : public Cli {
 protected:
  /// Sends the signals to a training, one after another, once it has printed something.
  int end_by(const std::vector<int>& signals) const {
    fs::remove_all(folder_ / "run");
    fs::remove(folder_ / "out.txt");
    const pid_t child = start({"train", "ring.toml", "--out", "run", "--kimg", "100000", "--threads", "1", "--set",
                               "checkpoint_every=100000"});
    wait_for_output();
    for (const int signal : signals) {
      ::kill(child, signal);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return exit_of(child);
  }
  void expect_saved() const {
    EXPECT_EQ(checkpoints("run").size(), 1u);
    expect_success("train run --resume --dry-run");
  }
};

TEST_F(Slow_Endings, EverySignalThatAsksForItSavesAndEndsWith128AndItsNumber) {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGPIPE}) {
    EXPECT_EQ(end_by({signal}), 128 + signal);
    EXPECT_NE(text("out.txt").find(" kimg, saved; resume with: duet train run --resume\n"), std::string::npos)
        << text("out.txt");
    expect_saved();
  }
}

TEST_F(Slow_Endings, AHangupThatComesTwiceOrWithAnotherSignalStillSaves) {
  // The system signals a closed terminal's programs, and then the shell does so again.
  EXPECT_EQ(end_by({SIGHUP, SIGHUP, SIGTERM}), 128 + SIGHUP);
  expect_saved();
  EXPECT_EQ(end_by({SIGTERM, SIGHUP, SIGPIPE}), 128 + SIGTERM);
  expect_saved();
}

TEST_F(Slow_Endings, AHangupIsNothingToWhoWasStartedByNohup) {
  const auto result = shell("(trap '' HUP; " + kProgram + "train ring.toml --out run" + kLong +
                            ">log.txt) & p=$!; until [ -s log.txt ]; do sleep 0.05; done; kill -HUP $p; sleep 0.2; "
                            "kill -TERM $p; wait $p");
  EXPECT_EQ(result.status, 128 + SIGTERM) << result.error;
  expect_saved();
}

TEST_F(Slow_Endings, AReaderThatGoesAwayStopsATrainingSaved) {
  for (const char* before : {"", "trap '' PIPE; "}) {
    fs::remove_all(folder_ / "run");
    const auto result = shell(std::string("{ (") + before + "duet train ring.toml --out run" + kLong +
                              "); echo $? >status.txt; } | head -n 2");
    EXPECT_EQ(text("status.txt"), "141\n") << before;
    EXPECT_TRUE(result.error.ends_with(" kimg, saved; resume with: duet train run --resume\n")) << result.error;
    expect_saved();
  }
  // No reader from the start.
  fs::remove_all(folder_ / "run");
  shell("{ duet train ring.toml --out run" + kLong + "; echo $? >status.txt; } | true");
  EXPECT_EQ(text("status.txt"), "141\n");
  expect_saved();
}

TEST_F(Slow_Endings, ALogThatCannotBeWrittenChangesNothingOfATraining) {
  expect_success("train ring.toml --out whole --threads 1");
  const auto whole = read_bytes(checkpoints("whole").back(), Fault::internal);
  const auto records = RunFolder::open(folder_ / "whole").events().size();
  for (const std::string lost : {">/dev/full", ">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full 2>/dev/full"}) {
    fs::remove_all(folder_ / "run");
    const auto result = shell("duet train ring.toml --out run --threads 1 " + lost);
    EXPECT_EQ(result.status, 0) << lost << result.error;
    EXPECT_EQ(read_bytes(checkpoints("run").back(), Fault::internal), whole) << lost;
    EXPECT_EQ(RunFolder::open(folder_ / "run").events().size(), records) << lost << ": a log line in the records";
  }
}

TEST_F(Slow_Endings, AProductThatCannotBePrintedIsTheMachinesFault) {
  expect_success("train ring.toml --out run --threads 1");
  for (const std::string command :
       {"list recipes", "list datasets", "inspect ring", "inspect ring --json", "score run -n 100 --json", "--help",
        "train --help", "--version", "train ring.toml --dry-run", "train run --resume --dry-run"}) {
    const auto full = shell("duet " + command + " >/dev/full");
    EXPECT_EQ(full.status, 6) << command;
    EXPECT_TRUE(
        full.error.ends_with("duet: stdout: cannot be written: No space left on device; the output is incomplete; free "
                             "some space, or send it elsewhere\n"))
        << command << full.error;
    const auto closed = shell("duet " + command + " >&-");
    EXPECT_EQ(closed.status, 6) << command;
    EXPECT_TRUE(
        closed.error.ends_with("duet: stdout: cannot be written: it is closed; the output is incomplete; "
                               "send it elsewhere, as in > FILE\n"))
        << command << closed.error;
    EXPECT_EQ(shell("duet " + command + " >/dev/null 2>&-").status, 0) << command;
  }
  shell(fmt::format("{{ (trap '' PIPE; sleep 0.5; exec '{}' list recipes); echo $? >status.txt; }} | true",
                    program_path()));
  EXPECT_EQ(text("status.txt"), "141\n");
}

TEST_F(Slow_Endings, WhatHasBeenWrittenToAFileIsDoneWhetherOrNotThatCanBeSaid) {
  expect_success("train ring.toml --out run --threads 1");
  EXPECT_EQ(shell("duet sample run -n 3 --out a.npy >/dev/full").status, 0);
  EXPECT_EQ(shell("duet data make ring -n 3 --out b >&-").status, 0);
  EXPECT_TRUE(fs::exists(folder_ / "a.npy"));
  EXPECT_TRUE(fs::exists(folder_ / "b"));
  // An error keeps its exit code even if nothing can be printed.
  EXPECT_EQ(shell("duet train nothing >&- 2>&-").status, 3);
}

TEST_F(Slow_Endings, AVerbThatIsStoppedTakesAwayWhatIsHalfMade) {
  expect_success("train digits.toml --out run --threads 1");
  const auto entries = [&] {
    int count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder_.path())) ++count;
    return count;
  };
  // The progress output, beside the command's own.
  const std::pair<const char*, const char*> all[] = {{"data make faces -n 1000000 --out new", "ls -d .new.duet-*"},
                                                     {"sample run -n 1000000 --out new", "grep making error.txt"},
                                                     {"sample run -n 1000000 --out new.npy", "grep making error.txt"}};
  for (const auto& [command, works] : all)
    for (const char* signal : {"TERM", "HUP"}) {
      const auto before = entries();
      const auto result =
          shell(fmt::format("({}{}) & p=$!; until {} >/dev/null 2>&1; do sleep 0.05; done; "
                            "kill -{} $p; wait $p",
                            kProgram, command, works, signal));
      EXPECT_EQ(result.status, 128 + (signal == std::string("TERM") ? SIGTERM : SIGHUP)) << command << result.error;
      EXPECT_EQ(entries(), before) << command;
    }
}

}  // namespace
}  // namespace duet
