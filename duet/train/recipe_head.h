#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace duet {

/// The head comment of a recipe. The first line is the description; others begin with their name ("# Time: 27 s on two
/// CPU cores") and may continue on lines without one. Missing parts are empty.
struct RecipeHead {
  std::string line;    ///< what it is
  std::string source;  ///< Source: the paper or program it is based on
  std::string expect;  ///< Expect: what a reader will see
  std::string score;   ///< Score: the numbers to expect at its end, as in README's table
  std::string time;    ///< Time: how long it takes, and on which hardware
};

/// Reads the comment before the first key of a recipe's text.
RecipeHead recipe_head(const std::string& text);

/// A recipe file by its name for `duet train`.
struct RecipeEntry {
  std::string name;
  RecipeHead head;
};

/// All recipes in these folders, sorted by name; a name in an earlier folder hides the same name in a later one.
std::vector<RecipeEntry> recipe_entries(const std::vector<std::filesystem::path>& folders);

}  // namespace duet
