#include "duet/core/shell.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "duet/core/error.h"
#include "duet/core/text.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

/// How bash reads one word of a command line.
std::string pasted(const std::string& word) {
  const FreshFolder folder;
  std::ofstream(folder / "line.sh") << "printf %s " << word;
  auto* pipe = ::popen(("cd '" + folder.path().string() + "' && bash line.sh").c_str(), "r");
  std::string text;
  std::array<char, 256> part{};
  for (size_t count = 0; (count = std::fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), count);
  ::pclose(pipe);
  return text;
}

TEST(Shell, LeavesPlainWordsAlone) {
  for (const char* word :
       {"run", "runs/digits", "/a/b-c_d.e", "player.generator.lr=1e-4", "idx:data/x", "Grüße", "日本"})
    EXPECT_EQ(shell_quoted(word), word);
}

TEST(Shell, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(shell_quoted("my run"), "'my run'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("-run"), "./-run");
  EXPECT_EQ(shell_quoted("a\nb"), "$'a\\nb'");
}

TEST(Shell, QuotesAnEqualsSignOnlyWhereZshWouldLookForACommand) {
  EXPECT_EQ(shell_quoted("=ls"), "'=ls'");
  EXPECT_EQ(shell_quoted("a=ls"), "a=ls");
}

TEST(Shell, WhatIsPastedIsTheWordAgain) {
  for (const std::string word :
       {"my run",    "it's", "a\"b", "$HOME", "`id`",   "a;b",          "a&b|c>d<e", "*.png",      "[ab]?",
        "{a,b}",     "~",    "~/x",  "!x",    "#x",     "a\\b",         "tab\there", "two\nlines", "esc\x1b[31m'q'\\",
        "latin\xe9", "=ls",  "(a)",  "%1",    "a b  c", "\xe2\x80\xae", "\x01\x32"})
    EXPECT_EQ(pasted(shell_quoted(word)), word) << shell_quoted(word);
}

TEST(Shell, AQuotedWordCanBeShown) {
  for (const std::string word : {"two\nlines", "\x1b[31m", "latin\xe9", "\xe2\x80\xae"})
    EXPECT_EQ(printable(shell_quoted(word)), shell_quoted(word));
}

TEST(Shell, SaysWhatItWasKeptFromExpanding) {
  EXPECT_NE(unexpanded("~/photos").find("home folder"), std::string::npos);
  EXPECT_NE(unexpanded("photos/*.jpg").find("pattern"), std::string::npos);
  EXPECT_EQ(unexpanded("photos~/a"), "");
  EXPECT_EQ(error_of([] { refuse_tilde("--out", "~/runs"); }, Fault::usage),
            "--out ~/runs: would be a folder named ~ in the working folder; the shell replaces ~ with your home folder "
            "only at the beginning of an unquoted word: leave out the quotes, or write $HOME; or give ./~/runs if that "
            "is what you want");
  refuse_tilde("--out", "./~/runs");
}

}  // namespace
}  // namespace duet
