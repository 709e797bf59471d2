#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "tests/data/fresh_folder.h"
#include "tests/places.h"

// `duet score` from a user's point of view.
namespace duet {
namespace {

/// Output of a finished program.
struct Result {
  int status = -1;
  std::string out, error;
};

class ScoreProgram : public testing::Test {
 protected:
  /// 600 digits with labels to compare with, of which 60 are held out.
  ScoreProgram() {
    const auto made = duet("data make digits -n 600 --format idx --out real");
    EXPECT_EQ(made.status, 0) << made.error;
  }

  Result shell(const std::string& line) const {
    const auto command =
        fmt::format("cd '{}' && export DUET_CACHE=. && {{ {}; }} >out.txt 2>error.txt", folder_.path().string(), line);
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(folder_ / "out.txt", Fault::data),
            read_text(folder_ / "error.txt", Fault::data)};
  }
  Result duet(const std::string& arguments) const { return shell(fmt::format("'{}' {}", program_path(), arguments)); }
  /// A folder of drawn digits, one folder a class.
  void make_pictures(const std::string& name, int count) const {
    const auto made = duet(fmt::format("data make digits -n {} --out {}", count, name));
    EXPECT_EQ(made.status, 0) << made.error;
  }

  const FreshFolder folder_;
};

using Slow_ScoreProgram = ScoreProgram;

TEST_F(ScoreProgram, RefusesAFolderOfAFewPicturesBeforeAnyWork) {
  make_pictures("few", 19);
  const auto result = duet("score few --data real");
  EXPECT_EQ(result.status, static_cast<int>(Fault::data));
  EXPECT_EQ(result.error, "duet: few: 19 examples found; scores need at least 20, and 5,000 or more to be reliable\n");
  EXPECT_EQ(result.out, "");
}

TEST_F(ScoreProgram, SaysThatAHundredPicturesAreFewAndKeepsJsonClean) {
  make_pictures("hundred", 100);
  const auto text = duet("score hundred --data real --features random");
  EXPECT_EQ(text.status, 0) << text.error;
  EXPECT_NE(text.out.find("\nnote: 100 samples are few; frechet is biased upwards by about "), std::string::npos)
      << text.out;
  EXPECT_EQ(text.error, "") << "a second's work needs no lines in a pipe";
  const auto json = nlohmann::json::parse(duet("score hundred --data real --features random --json").out);
  EXPECT_EQ(json["samples"], 100);
  EXPECT_EQ(json["notes"].size(), 2u);
}

// A tenth of 600 is held out, and half of that is the reference.
TEST_F(ScoreProgram, SaysThatFewPicturesAreComparedWithAndComparesWithAllWhenAsked) {
  const auto half = nlohmann::json::parse(duet("score real --data real --features random --json").out);
  EXPECT_EQ(half["samples"], 600);
  ASSERT_EQ(half["notes"].size(), 1u) << half.dump(2);
  const auto note = half["notes"][0].get<std::string>();
  EXPECT_TRUE(note.starts_with("30 held-out examples are few to compare with; ")) << note;
  EXPECT_NE(note.find("(--all)"), std::string::npos) << note;
  EXPECT_GT(half["metrics"]["frechet"]["value"], 1);
  const auto all = nlohmann::json::parse(duet("score real --data real --features random --json --all").out);
  EXPECT_NEAR(all["metrics"]["frechet"]["value"], 0, 1e-4);
  EXPECT_NE(all["protocol"].get<std::string>().find("600 samples against all of the data (600 examples)"),
            std::string::npos);
  for (const auto* name :
       {"kernel_distance", "kernel_distance_floor", "frechet", "frechet_floor", "diversity", "diversity_floor"})
    EXPECT_TRUE(half["metrics"].contains(name) && all["metrics"].contains(name)) << name;
}

TEST_F(ScoreProgram, TellsThatPicturesAreResizedToThoseComparedWith) {
  ASSERT_EQ(duet("data make faces -n 30 --out portraits").status, 0);
  const auto result = duet("score portraits --data real --features random");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.error, "portraits: pictures (the first is 64x64 grey) are read as 28x28 grey, as real has them\n");
}

TEST_F(Slow_ScoreProgram, SaysHowManyPicturesShowTheClassOfTheirFolder) {
  make_pictures("hundred", 100);
  const auto agreement = [&](const char* samples) {
    const auto result = duet(fmt::format("score {} --data real --json", samples));
    EXPECT_EQ(result.status, 0) << result.error;
    const auto metrics = nlohmann::json::parse(result.out)["metrics"];
    return metrics.contains("agreement") ? metrics["agreement"]["value"].get<double>() : -1.0;
  };
  EXPECT_GT(agreement("hundred"), 0.95);
  // Classes are matched by name, not by number: without the first two the others have other numbers.
  for (const char* name : {"hundred/0", "hundred/1"}) std::filesystem::remove_all(folder_ / name);
  EXPECT_GT(agreement("hundred"), 0.95);
  // A class that the data do not have means that the classes are different ones.
  std::filesystem::rename(folder_ / "hundred/7", folder_ / "hundred/seven");
  EXPECT_EQ(agreement("hundred"), -1);
}

TEST_F(Slow_ScoreProgram, TellsOfLongWorkInAPipeOnceAndOnATerminalAsItGoes) {
  make_pictures("hundred", 100);
  const auto pipe = duet("score hundred --data real --json -n 50");
  EXPECT_EQ(pipe.status, 0) << pipe.error;
  EXPECT_EQ(pipe.error, "training the classifier for scores (cached for later)\n");
  const auto json = nlohmann::json::parse(pipe.out);
  EXPECT_EQ(json["samples"], 50);
  for (const auto& [name, share] : json["class_share"].items())
    EXPECT_GT(share, 0) << name << ": samples are spread over a folder that is sorted by class";

  if (std::system("command -v script >/dev/null") != 0) GTEST_SKIP() << "no script(1) to play a terminal";
  const auto terminal = shell(
      fmt::format("rm -f classifier-*; script -qec \"'{}' score hundred --data real --json 2>&1 >json.txt\" /dev/null",
                  program_path()));
  EXPECT_NE(terminal.out.find(": reading examples"), std::string::npos) << terminal.out;
  const auto line = terminal.out.rfind("\r\033[Ktraining the classifier for");
  ASSERT_NE(line, std::string::npos) << terminal.out;
  const auto shown = terminal.out.substr(line + 4, terminal.out.find('\r', line + 1) - line - 4);
  EXPECT_NE(shown.find(" of 90,112, "), std::string::npos) << shown;
  EXPECT_NE(shown.find(" % correct, 0:0"), std::string::npos) << shown;
  EXPECT_TRUE(shown.ends_with(" left")) << shown;
  EXPECT_LT(shown.size(), 80u) << shown;
  EXPECT_TRUE(terminal.out.ends_with("\r\033[K")) << "the line is gone at the end";
  EXPECT_EQ(terminal.out.find('\n'), std::string::npos) << terminal.out;
  EXPECT_EQ(nlohmann::json::parse(read_text(folder_ / "json.txt", Fault::data))["samples"], 100);
}

}  // namespace
}  // namespace duet
