#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace duet {

/// What the comment at the head of a recipe says of it. The first line stands alone; others begin with their name
/// ("# Time: 27 s on two CPU cores") and may go on over lines without one. What is not said is empty.
struct RecipeHead {
  std::string line;    ///< what it is
  std::string source;  ///< Source: the paper or program that it comes from
  std::string expect;  ///< Expect: what a reader will see
  std::string score;   ///< Score: the numbers to expect at its end, as in README's table
  std::string time;    ///< Time: how long it takes, and on what
};

/// Reads the comment before the first key of a recipe's text.
RecipeHead recipe_head(const std::string& text);

/// A recipe file by the name that `duet train` takes.
struct RecipeEntry {
  std::string name;
  RecipeHead head;
};

/// Every recipe in these folders, sorted by name; a name in an earlier folder hides the same in a later one.
std::vector<RecipeEntry> recipe_entries(const std::vector<std::filesystem::path>& folders);

}  // namespace duet
