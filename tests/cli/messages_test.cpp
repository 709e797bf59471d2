#include <algorithm>
#include <csignal>

#include "duet/picture/image.h"
#include "tests/cli/program.h"

namespace duet {
namespace {

class Slow_Messages : public Cli {
 protected:
  /// The command that a message advises, between backticks or after "resume with: ".
  static std::string advised(const std::string& text) {
    auto begin = text.find("`duet ");
    if (begin != std::string::npos) return text.substr(begin + 1, text.find('`', begin + 1) - begin - 1);
    begin = text.find("resume with: duet ");
    return begin == std::string::npos ? "" : text.substr(begin + 13, text.find('\n', begin) - begin - 13);
  }
  void expect_to_run(const std::string& command) const {
    const auto result = shell(command);
    EXPECT_EQ(result.status, 0) << command << "\n" << result.error;
  }
};

TEST_F(Slow_Messages, AdviseCommandsThatCanBePasted) {
  for (const std::string name : {"my run", "it's $HOME", "two\nlines"}) {
    const auto quoted = shell_quoted(name);
    const auto trained = duet("train ring --kimg 0.4 --threads 1 --out " + quoted);
    ASSERT_EQ(trained.status, 0) << trained.error;
    const auto again = duet("train ring --out " + quoted);
    EXPECT_EQ(again.status, static_cast<int>(Fault::usage));
    EXPECT_EQ(again.error, "duet: " + printable(name) + ": already contains a run; resume it with `duet train " +
                               quoted + " --resume`, or give another --out\n");
    expect_to_run(advised(again.error));
    const auto copy = duet("train " + quoted + " --resume --out 'a copy'");
    EXPECT_NE(copy.error.find("cp -r " + quoted + " 'a copy' first"), std::string::npos) << copy.error;
  }
  fs::remove_all(folder_ / "my run/checkpoints");
  const auto none = duet("sample 'my run' --out x.npy");
  EXPECT_EQ(advised(none.error), "duet train 'my run' --resume") << none.error;
}

TEST_F(Slow_Messages, AdviseSoWhenATrainingIsStopped) {
  const pid_t child = start({"train", "ring.toml", "--out", "my run", "--kimg", "100000", "--threads", "1", "--set",
                             "checkpoint_every=100000"});
  wait_for_output();
  ::kill(child, SIGTERM);
  EXPECT_EQ(exit_of(child), 128 + SIGTERM);
  EXPECT_EQ(advised(text("out.txt")), "duet train 'my run' --resume") << text("out.txt");
  expect_to_run(advised(text("out.txt")) + " --dry-run");
}

TEST_F(Slow_Messages, AdviseSoWhereDataAreLookedAt) {
  ASSERT_EQ(duet("data make digits -n 20 --out 'my pictures'").status, 0);
  write_png(folder_ / "my pictures/0/odd.png", blank_image(8, 8, 1));
  const auto result = duet("inspect 'my pictures'");
  EXPECT_EQ(result.status, 0) << result.error;
  auto command = advised(result.out);
  // The page is wrapped.
  for (auto at = command.find("\n     "); at != std::string::npos; at = command.find("\n     "))
    command.replace(at, 6, " ");
  EXPECT_TRUE(command.starts_with("duet inspect 'my pictures' --resolution ")) << result.out;
  expect_to_run(command);
  EXPECT_NE(duet("train digits.toml --batch '[1, 2]'").error.find("did you mean --set 'batch=[1, 2]'?"),
            std::string::npos);
}

TEST_F(Slow_Messages, SendNoControlCharactersToTheTerminal) {
  const std::string name = "a\nduet: all is well\x1b[2J";
  const auto shown = printable(name);
  for (const auto& command :
       {"inspect " + shell_quoted(name), "train ring --data " + shell_quoted(name), "train " + shell_quoted(name),
        "train " + shell_quoted(name) + " --resume", "sample " + shell_quoted(name), "score " + shell_quoted(name),
        shell_quoted(name), "train ring " + shell_quoted("--" + name).substr(2), "list " + shell_quoted(name)}) {
    const auto result = duet(command);
    EXPECT_NE(result.status, 0) << command;
    EXPECT_EQ(result.error.find('\x1b'), std::string::npos) << command;
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << command << "\n" << result.error;
    EXPECT_NE(result.error.find(shown), std::string::npos) << command << "\n" << result.error;
  }
  ASSERT_EQ(duet("data make digits -n 600 --out " + shell_quoted(name)).status, 0);
  fs::create_directory(folder_ / name / "x\x1b[31m");
  write_png(folder_ / name / "x\x1b[31m/a.png", blank_image(28, 28, 1));
  for (const auto& command : {"inspect " + shell_quoted(name),
                              "train digits.toml --kimg 0.016 --set data.resolution=28 --set data.channels=1 --data " +
                                  shell_quoted(name) + " --out " + shell_quoted("run\n" + name)}) {
    const auto result = duet(command);
    EXPECT_EQ(result.status, 0) << result.error;
    EXPECT_EQ(result.out.find('\x1b'), std::string::npos) << result.out;
    EXPECT_EQ(result.out.find("\nduet: all"), std::string::npos) << result.out;
  }
  const auto sampled = duet("sample " + shell_quoted("run\n" + name) + " -n 2 --out " + shell_quoted(name + ".png"));
  EXPECT_EQ(sampled.status, 0) << sampled.error;
  EXPECT_EQ(std::count(sampled.out.begin(), sampled.out.end(), '\n'), 1) << sampled.out;
}

TEST_F(Slow_Messages, SayThatABuiltInNameHidesWhatLiesThere) {
  const std::string note = "note: ring is the built-in set; for the file or folder of that name write ./ring\n";
  EXPECT_EQ(duet("inspect ring").error, "");
  fs::create_directory(folder_ / "ring");
  EXPECT_EQ(duet("inspect ring").error, note);
  EXPECT_EQ(duet("train ring.toml --kimg 0.016 --data ring --out run").error, note);
  EXPECT_EQ(duet("inspect builtin:ring").error, "");
  EXPECT_NE(duet("inspect ./ring").error.find("./ring: holds no pictures"), std::string::npos);
  const auto made = duet("data make digits -n 30 --out digits");
  EXPECT_EQ(made.error, "note: digits is the built-in set; for the file or folder of that name write ./digits\n");
}

TEST_F(Slow_Messages, HelpIsAlsoAVerb) {
  EXPECT_EQ(duet("help").out, duet("--help").out);
  EXPECT_EQ(duet("help train").out, duet("train --help").out);
  EXPECT_EQ(duet("train help").out, duet("train --help").out);
  EXPECT_EQ(duet("help data make").out, duet("data make --help").out);
  EXPECT_EQ(duet("data help").out, duet("data --help").out);
  EXPECT_EQ(duet("version").out, duet("--version").out);
  EXPECT_TRUE(duet("help train").out.starts_with("train a recipe")) << duet("help train").out;
  expect_refusal("help trian", Fault::usage, "help: 'trian' is not a verb of duet; did you mean 'train'?");
  // Does not hide a recipe of that name.
  fs::copy(folder_ / "ring.toml", folder_ / "help");
  EXPECT_EQ(duet("train help --kimg 0.016").status, 0);
}

TEST_F(Slow_Messages, AreAboutTheWordThatStandsBeforeTheVerb) {
  expect_refusal("foo train", Fault::usage,
                 "'foo' is not a verb of duet; expected one of train, sample, score, compare, probe, inspect, data, "
                 "list, theory, bench");
  expect_refusal("trian train digits", Fault::usage, "'trian' is not a verb of duet; did you mean 'train'?");
  expect_refusal("data foo make digits --out x", Fault::usage,
                 "'foo' is not a verb of duet data; expected one of make, fetch");
  expect_refusal("--kimg 3 train ring", Fault::usage,
                 "--kimg is before the verb; options come after it, as in: duet train ... --kimg");
}

TEST_F(Slow_Messages, ExplainWhatStandsAfterTwoDashes) {
  EXPECT_EQ(duet("train --dry-run -- ring").status, 0);
  expect_refusal("train -- ring --dry-run", Fault::usage,
                 "--dry-run is after --, which ends the options; expected before it: duet train --dry-run -- ring");
  expect_refusal("train -- 'a b' --kimg 3", Fault::usage,
                 "--kimg is after --, which ends the options; expected before it: duet train --kimg 3 -- 'a b'");
}

TEST_F(Slow_Messages, SayWhyThereMayBeAWordTooMany) {
  fs::create_directories(folder_ / "my run");
  expect_refusal("train my run --resume", Fault::usage,
                 "train: 'run' is an extra word; a name with blanks needs quotes: 'my run'; for instance: duet train "
                 "digits");
  ASSERT_EQ(duet("data make digits -n 30 --out pictures").status, 0);
  const auto result = duet("inspect pictures/*");
  EXPECT_NE(result.error.find("give the folder: pictures; for instance"), std::string::npos) << result.error;
}

TEST_F(Slow_Messages, SpeakOfATildeThatTheShellHasLeft) {
  const std::string home =
      "; the shell replaces ~ with your home folder only at the beginning of an unquoted word: leave out the quotes, "
      "or write $HOME";
  for (const auto* command : {"inspect '~/pictures'", "train ring --data '~/pictures'", "train '~/run' --resume",
                              "sample '~/run'", "score '~/pictures' --data ring", "train ring --out '~/run'",
                              "train ring --out=~/run", "data make digits --out '~/digits'"}) {
    const auto result = duet(command);
    EXPECT_NE(result.status, 0) << command;
    EXPECT_NE(result.error.find(home), std::string::npos) << command << "\n" << result.error;
  }
  EXPECT_FALSE(fs::exists(folder_ / "~"));
  EXPECT_NE(duet("inspect 'pictures/*.png'").error.find("; the shell expands patterns only outside of quotes"),
            std::string::npos);
}

}  // namespace
}  // namespace duet
