#include <algorithm>
#include <sstream>

#include "duet/picture/image.h"
#include "tests/cli/pseudo_terminal.h"

namespace duet {
namespace {

class Slow_Terminal : public CliInTerminal {
 protected:
  /// A training slow enough for its bar to be drawn several times.
  std::vector<std::string> training(const std::string& out) const {
    return {"train",     "ring.toml",
            "--out",     out,
            "--kimg",    "40",
            "--threads", "1",
            "--set",     "tick=10",
            "--set",     "game.r1=1",
            "--set",     "game.r2=1",
            "--set",     "checkpoint_every=40",
            "--set",     "score.every=40",
            "--set",     "score.samples=100"};
  }
};

/// The words of a text, independent of line breaks.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;)
    if (word != "\\") words.push_back(word);
  return words;
}

/// Expects lines of at most this many columns, except for longer words and TOML on one line.
void expect_lines_within(const std::string& text, size_t columns, const std::string& what) {
  Screen screen;
  screen.write(text);
  for (const auto& line : screen.lines)
    EXPECT_TRUE(columns_of(line) <= columns || words_of(line).size() == 1 || line.find(" = {") != std::string::npos)
        << what << ", " << columns << ": " << line;
}

TEST_F(Slow_Terminal, ALineOfATrainingIsNeverWiderThanTheTerminal) {
  for (const int columns : {40, 80, 120}) {
    Screen screen;
    screen.write(run(training(fmt::format("run{}", columns)), {.columns = columns}));
    EXPECT_EQ(status, 0);
    EXPECT_EQ(screen.escapes, 0);
    const auto bars = std::count_if(screen.drawn.begin(), screen.drawn.end(),
                                    [](const std::string& line) { return line.find("[##") != std::string::npos; });
    EXPECT_GE(bars, 2) << columns;
    // The bar leaves the last column free, because some terminals break the line there.
    for (const auto& line : screen.drawn)
      EXPECT_TRUE(columns_of(line) + (line.find("[##") != std::string::npos) <= static_cast<size_t>(columns) ||
                  words_of(line).size() == 1)
          << columns << ": " << line;
    const auto ticks = std::count_if(screen.lines.begin(), screen.lines.end(),
                                     [](const std::string& line) { return line.find("% ") != std::string::npos; });
    EXPECT_GE(ticks, 4) << columns;
    for (const auto& line : screen.lines)
      EXPECT_EQ(line.find("[##"), std::string::npos) << "a bar that stays: " << line;
  }
}

TEST_F(Slow_Terminal, TheBarIsDrawnAnewInTheWidthOfAWindowThatWasResized) {
  size_t resized_at = 0;
  const auto text = run(training("run"), {.columns = 100, .watch = [&](const std::string& so_far, int terminal) {
                                            if (resized_at > 0 || so_far.find("[##") == std::string::npos) return;
                                            resize(terminal, 45);
                                            resized_at = so_far.size();
                                          }});
  ASSERT_GT(resized_at, 0u);
  Screen before, after;
  before.write(text.substr(0, resized_at));
  EXPECT_GT(before.widest(), 45u);
  // Output that was written while the window changed may still be wide.
  const auto next = text.find('\r', std::min(text.size(), resized_at + 200));
  ASSERT_NE(next, std::string::npos);
  after.write(text.substr(next));
  EXPECT_LE(after.widest(), 45u);
}

TEST_F(Slow_Terminal, ALineShowsAllAgainWhereAWindowWasWidened) {
  bool resized = false;
  Screen screen;
  screen.write(run(training("run"), {.columns = 30, .watch = [&](const std::string& so_far, int terminal) {
                                       if (resized || so_far.find("% ") == std::string::npos) return;
                                       resize(terminal, 130);
                                       resized = true;
                                     }}));
  std::vector<std::string> ticks;
  for (const auto& line : screen.lines)
    if (line.find(" kimg ") != std::string::npos && line.find("%  ") != std::string::npos) ticks.push_back(line);
  ASSERT_GE(ticks.size(), 3u);
  EXPECT_EQ(ticks.front().find("img/s"), std::string::npos) << ticks.front();
  EXPECT_NE(ticks.back().find("img/s"), std::string::npos) << ticks.back();
}

TEST_F(Slow_Terminal, TheFirstBarOfARunThatGoesOnTellsItsOwnPace) {
  // Without a tick before the end, whose line would show a rate as well: sheets come at 64 kimg and at 128.
  std::vector<std::string> rare{"--threads", "1"};
  for (const char* change : {"tick=1000", "checkpoint_every=1000", "sample_every=1000", "game.r1=1", "game.r2=1"})
    rare.insert(rare.end(), {"--set", change});
  std::vector<std::string> first{"train", "ring.toml", "--out", "run", "--kimg", "70"};
  std::vector<std::string> then{"train", "run", "--resume", "--kimg", "120", "--accept-changes"};
  for (auto* words : {&first, &then}) words->insert(words->end(), rare.begin(), rare.end());
  run(first, {.columns = 130});
  ASSERT_EQ(status, 0);
  Screen screen;
  screen.write(run(then, {.columns = 130}));
  EXPECT_EQ(status, 0);
  const auto pace_in = [](const std::vector<std::string>& lines) {
    for (const auto& line : lines)
      if (const auto at = line.find(" img/s"); at != std::string::npos)
        return std::stod(line.substr(line.rfind(' ', at - 1)));
    return 0.0;
  };
  const double told = pace_in(screen.drawn), found = pace_in(screen.lines);
  EXPECT_GT(found, 0);
  EXPECT_GT(told, 0);
  EXPECT_LT(told, 5 * found) << "of what was trained before";
}

TEST_F(Slow_Terminal, ADumbTerminalGetsWhatAPipeGets) {
  for (const char* kind : {"dumb", ""}) {
    const auto text = run(training(fmt::format("run-{}", kind)), {.environment = {{"TERM", kind}}});
    EXPECT_EQ(status, 0);
    EXPECT_EQ(text.find('\033'), std::string::npos) << text;
    EXPECT_EQ(text.find("[##"), std::string::npos) << text;
    for (auto at = text.find('\r'); at != std::string::npos; at = text.find('\r', at + 1))
      EXPECT_EQ(text[at + 1], '\n');
    EXPECT_NE(text.find("40.00 kimg 100%"), std::string::npos) << text;
  }
}

TEST_F(Slow_Terminal, WithoutColoursTheBarIsMadeOfPlainCharacters) {
  const auto text = run(training("run"), {.environment = {{"TERM", "xterm"}, {"NO_COLOR", "1"}}});
  EXPECT_EQ(status, 0);
  EXPECT_EQ(text.find('\033'), std::string::npos) << text;
  Screen screen;
  screen.write(text);
  EXPECT_NE(text.find("[##"), std::string::npos);
  EXPECT_LE(screen.widest(), 80u);
  for (const auto& line : screen.lines) EXPECT_EQ(line.find("[##"), std::string::npos) << "not wiped: " << line;
}

TEST_F(Slow_Terminal, HelpIsWrappedBetweenWordsToTheWidth) {
  for (const auto& verb : std::vector<std::vector<std::string>>{
           {}, {"train"}, {"sample"}, {"score"}, {"inspect"}, {"list"}, {"bench", "step"}, {"data", "fetch"}}) {
    auto words = verb;
    words.emplace_back("--help");
    const auto wide = run(words, {.columns = 120});
    for (const int columns : {40, 60, 80}) {
      const auto text = run(words, {.columns = columns});
      expect_lines_within(text, static_cast<size_t>(columns), verb.empty() ? "duet" : verb.back());
      EXPECT_EQ(words_of(text), words_of(wide));
    }
  }
}

TEST_F(Slow_Terminal, ListsAndTablesAreWrappedBetweenWordsToTheWidth) {
  std::ofstream(folder_ / "points.csv") << "0.5,1\n";
  ASSERT_EQ(duet("data make digits -n 30 --out pictures").status, 0);
  write_png(folder_ / "pictures/0/odd.png", blank_image(9, 40, 1));
  std::vector<std::vector<std::string>> commands{{"inspect", "pictures"},
                                                 {"train", "digits.toml", "--dry-run"},
                                                 {"score", "pictures", "--data", "digits", "--features", "raw"}};
  for (const char* what : {"games", "objectives", "penalties", "optimizers", "networks", "layers", "schedules",
                           "metrics", "recipes", "datasets"})
    commands.push_back({"list", what});
  for (const auto& command : commands)
    for (const int columns : {40, 80}) {
      const auto text = run(command, {.columns = columns});
      EXPECT_EQ(status, 0) << text;
      // The network's table needs 50 for its numbers.
      expect_lines_within(text, static_cast<size_t>(command[0] == "train" ? std::max(columns, 50) : columns),
                          command[0] + " " + command[1]);
    }
}

}  // namespace
}  // namespace duet
