#include "duet/core/columns.h"

#include <gtest/gtest.h>

#include <sstream>

namespace duet {
namespace {

TEST(Columns, CountsWhatATerminalNeeds) {
  EXPECT_EQ(columns_of("plain"), 5u);
  EXPECT_EQ(columns_of("Grüße"), 5u);
  EXPECT_EQ(columns_of("日本語"), 6u);
  EXPECT_EQ(columns_of("한글"), 4u);
  EXPECT_EQ(columns_of("e\xcc\x81"), 1u) << "an accent joins its letter";
  EXPECT_EQ(columns_of("📷"), 2u);
  EXPECT_EQ(columns_of("\xff"), 1u);
}

TEST(Columns, CutsWithoutSplittingACharacter) {
  EXPECT_EQ(cut_to_columns("plain", 5), "plain");
  EXPECT_EQ(cut_to_columns("plainly", 6), "pla...");
  EXPECT_EQ(cut_to_columns("日本語日本語", 8), "日本...");
  EXPECT_EQ(cut_to_columns("e\xcc\x81tude etude", 4), "e\xcc\x81...");
  EXPECT_EQ(cut_to_columns("plain", 2), "..");
  for (size_t columns = 0; columns < 12; ++columns)
    EXPECT_LE(columns_of(cut_to_columns("日本語 abc 日本", columns)), columns);
}

TEST(Columns, PadsByColumns) {
  EXPECT_EQ(padded("日本", 6), "日本  ");
  EXPECT_EQ(padded("Grüße", 7), "Grüße  ");
  EXPECT_EQ(padded("longer", 3), "longer");
}

TEST(Columns, BreaksLinesBetweenWords) {
  EXPECT_EQ(wrapped("one two three", {.columns = 8}), "one two\nthree\n");
  EXPECT_EQ(wrapped("one two three", {.columns = 13}), "one two three\n");
  EXPECT_EQ(wrapped("one two three", {.columns = 9, .first = "a ", .rest = "  "}), "a one two\n  three\n");
  EXPECT_EQ(wrapped("日本 語日 本語", {.columns = 9}), "日本 語日\n本語\n");
  EXPECT_EQ(wrapped("", {.columns = 9, .first = "label"}), "label\n");
}

TEST(Columns, KeepsWordsWholeThatHaveNoRoomAndBlanksThatAlign) {
  EXPECT_EQ(wrapped("see /a/very/long/path now", {.columns = 10}), "see\n/a/very/long/path\nnow\n");
  EXPECT_EQ(wrapped("  label    text", {.columns = 20}), "  label    text\n");
}

TEST(Columns, MarksBrokenCommandsSoThatTheyCanBePasted) {
  EXPECT_EQ(wrapped("duet train digits --out x", {.columns = 16, .rest = "  ", .more = " \\"}),
            "duet train \\\n  digits --out x\n");
  EXPECT_EQ(wrapped("duet train digits --out x", {.columns = 15, .rest = "  ", .more = " \\"}),
            "duet train \\\n  digits \\\n  --out x\n");
}

}  // namespace
}  // namespace duet
