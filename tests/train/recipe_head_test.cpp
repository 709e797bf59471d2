#include "duet/train/recipe_head.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "duet/core/files.h"
#include "tests/places.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

const fs::path kRoot = source_path();

TEST(RecipeHead, ReadsTheCommentThatARecipeBeginsWith) {
  const auto head = recipe_head(
      "# Points of things.\n# Source: Somebody et al. 2020\n# (arXiv:1).\n# Expect: much: of it.\n"
      "# Score: frechet 1.\n# Time: 5 s.\nkimg = 5\n# Time: none of the head.\n");
  EXPECT_EQ(head.line, "Points of things.");
  EXPECT_EQ(head.source, "Somebody et al. 2020 (arXiv:1).");
  EXPECT_EQ(head.expect, "much: of it.");
  EXPECT_EQ(head.score, "frechet 1.");
  EXPECT_EQ(head.time, "5 s.");
  EXPECT_EQ(recipe_head("kimg = 5\n# Late.\n").line, "");
}

/// The cells of a row of a Markdown table, without the blanks around them.
std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream parts(row);
  for (std::string cell; std::getline(parts, cell, '|');) {
    const auto first = cell.find_first_not_of(' ');
    cells.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
  }
  return cells;
}

// README's table and the recipes' heads say the same: `duet list recipes` shows the heads.
TEST(RecipeHead, SaysWhatReadmesTableSays) {
  const auto entries = recipe_entries({kRoot / "recipes"});
  std::istringstream readme(read_text(kRoot / "README.md", Fault::internal));
  int rows = 0;
  for (std::string line; std::getline(readme, line);) {
    const auto cells = cells_of(line);
    if (cells.size() < 6 || !cells[5].starts_with("`duet train ")) continue;
    const auto name = cells[1].substr(1, cells[1].size() - 2);
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.name == name; });
    ASSERT_NE(entry, entries.end()) << name;
    ++rows;
    // "1.2 (0.18)" is "frechet 1.2 (floor 0.18)".
    auto score = "frechet " + cells[2];
    if (const auto at = score.find('('); at != std::string::npos) score.insert(at + 1, "floor ");
    EXPECT_TRUE(entry->head.score.starts_with(score)) << name << ": " << entry->head.score << "\nREADME: " << score;
    const auto also = cells[3].substr(0, cells[3].find(';'));
    EXPECT_NE(entry->head.score.find(also), std::string::npos) << name << ": " << entry->head.score << "\n" << also;
    const auto time = cells[4].substr(0, cells[4].find(','));
    EXPECT_TRUE(entry->head.time.starts_with(time)) << name << ": " << entry->head.time << "\nREADME: " << time;
  }
  EXPECT_GE(rows, 7);
}

TEST(RecipeHead, EveryRecipeSaysHowLongItTakes) {
  const auto entries = recipe_entries({kRoot / "recipes"});
  EXPECT_GE(entries.size(), 13u);
  for (const auto& [name, head] : entries) {
    EXPECT_FALSE(head.time.empty()) << name;
    EXPECT_FALSE(head.source.empty()) << name;
  }
}

}  // namespace
}  // namespace duet
