#include "duet/train/recipe_head.h"

#include <map>
#include <sstream>

#include "duet/core/files.h"
#include "duet/train/recipe.h"

namespace duet {
namespace {

/// The text of a comment line without its mark and surrounding blanks.
std::string comment_text(const std::string& line) {
  const auto begin = line.find_first_not_of("# ");
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(" \r") + 1 - begin);
}

}  // namespace

RecipeHead recipe_head(const std::string& text) {
  RecipeHead head;
  const std::map<std::string, std::string RecipeHead::*> parts = {{"Source", &RecipeHead::source},
                                                                  {"Expect", &RecipeHead::expect},
                                                                  {"Score", &RecipeHead::score},
                                                                  {"Time", &RecipeHead::time}};
  auto* part = &head.line;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("#");) {
    auto words = comment_text(line);
    const auto colon = words.find(": ");
    if (const auto named = parts.find(words.substr(0, colon)); colon != std::string::npos && named != parts.end()) {
      part = &(head.*named->second);
      words.erase(0, colon + 2);
    }
    *part += (part->empty() || words.empty() ? "" : " ") + words;
  }
  return head;
}

std::vector<RecipeEntry> recipe_entries(const std::vector<std::filesystem::path>& folders) {
  std::vector<RecipeEntry> entries;
  for (const auto& [name, line] : list_recipes(folders)) {
    // The first folder with this name, as when it is loaded.
    for (const auto& folder : folders) {
      const auto file = folder / (name + ".toml");
      std::error_code error;
      if (!std::filesystem::is_regular_file(file, error)) continue;
      entries.push_back({name, recipe_head(read_text(file, Fault::recipe))});
      break;
    }
  }
  return entries;
}

}  // namespace duet
