#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "duet/core/files.h"
#include "duet/core/shell.h"
#include "tests/places.h"
#include "tests/train/tiny.h"

// Runs the program as a user does. One thread each: tiny networks gain nothing from more.
namespace duet {
namespace fs = std::filesystem;

/// Output of a finished program.
struct Result {
  int status = -1;
  std::string out, error;
};

/// A folder to run the program in.
class Cli : public testing::Test {
 protected:
  Cli() {
    // Not with +, for which GCC 12 and 14 give false warnings here (array-bounds).
    put_file(folder_ / "ring.toml", fmt::format("# Points.\n{}", kTinyRing));
    put_file(folder_ / "digits.toml", fmt::format("# Digits.\n{}", kTinyDigits));
  }

  /// Runs a shell command in which `duet` is the program.
  Result shell(const std::string& line) const {
    const auto command = fmt::format(
        "cd '{}' && DUET_RECIPES=. && export DUET_RECIPES && duet() {{ '{}' \"$@\"; }} && "
        "{{ {}; }} >out.txt 2>error.txt",
        folder_.path().string(), program_path(), line);
    // With bash, as users do: sh may not support $'...'.
    std::string quoted;
    for (const char letter : command) quoted += letter == '\'' ? "'\\''" : std::string(1, letter);
    const int status = std::system(fmt::format("exec bash -c '{}'", quoted).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text("out.txt"), text("error.txt")};
  }
  Result duet(const std::string& arguments) const { return shell("duet " + arguments); }

  /// Expects the program to fail with this exit code and exactly this message.
  void expect_refusal(const std::string& arguments, Fault fault, const std::string& message) const {
    const auto result = duet(arguments);
    EXPECT_EQ(result.status, static_cast<int>(fault)) << arguments;
    EXPECT_EQ(result.error, "duet: " + message + "\n") << arguments;
  }
  void expect_success(const std::string& arguments) const {
    const auto result = duet(arguments);
    EXPECT_EQ(result.status, 0) << arguments << ": " << result.error;
  }

  /// Starts the program in the background; its output goes to `out.txt`.
  pid_t start(const std::vector<std::string>& arguments) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int out = ::open((folder_ / "out.txt").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    if (::chdir(folder_.path().c_str()) != 0) ::_exit(126);
    std::vector<char*> words{const_cast<char*>(program_path())};
    for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(program_path(), words.data());
    ::_exit(127);
  }
  static int exit_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  /// Waits, at most 20 s, until the program has printed something.
  void wait_for_output() const {
    for (int i = 0; i < 4000 && text("out.txt").empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  std::string text(const std::string& name) const {
    return fs::exists(folder_ / name) ? read_text(folder_ / name, Fault::internal) : "";
  }
  std::vector<fs::path> checkpoints(const std::string& run) const {
    return RunFolder::open(folder_ / run).checkpoints();
  }

  FreshFolder folder_;
};

// Tests that start the program many times: LibTorch takes a third of a second to load.
class Slow_Cli : public Cli {};

}  // namespace duet
