#include "duet/cli/systems.h"

#include <algorithm>
#include <cstdlib>

#include "duet/config/toml.h"

namespace duet {
namespace {

/// A part of the table.
struct Group {
  std::string title;
  int64_t place = 0;
  void fields(Fields& f) {
    f.text("title", title, "what the group holds");
    f.integer("place", place, "in the order of groups");
  }
};

/// "P12" -> "P", 12
std::pair<std::string, int> parts_of(const std::string& id) {
  const auto digits = std::find_if(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; }) - id.begin();
  const auto at = static_cast<size_t>(digits);
  return {id.substr(0, at), at < id.size() ? std::atoi(id.c_str() + at) : 0};
}

}  // namespace

void System::fields(Fields& f) {
  f.text("name", name, "the system");
  f.text("paper", paper, "its paper or program");
  f.choice("state", state, {"works", "partly", "not yet"}, "whether duet covers it");
  f.text("missing", missing, "what is missing");
  f.texts("recipes", recipes, "recipes of it");
  f.texts("games", games, "games of it");
  f.texts("tests", tests, "tests that prove it");
  f.text("result", result, "what was measured");
  f.text("measured", measured, "when and how");
}

std::vector<std::pair<std::string, System>> all_systems() {
  std::map<std::string, Group> groups;
  std::map<std::string, System> systems;
  TomlDocument(systems_toml(), "docs/systems.toml").read([&](Fields& f) {
    f.sections("group", groups, "parts of the table");
    f.sections("system", systems, "the rows");
  });
  std::vector<std::pair<std::string, System>> sorted(systems.begin(), systems.end());
  const auto place = [&](const std::string& id) {
    const auto [group, number] = parts_of(id);
    return std::pair{groups[group].place, number};
  };
  std::sort(sorted.begin(), sorted.end(),
            [&](const auto& a, const auto& b) { return place(a.first) < place(b.first); });
  return sorted;
}

}  // namespace duet
