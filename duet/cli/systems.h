#pragma once

#include <string>
#include <utility>
#include <vector>

#include "duet/config/fields.h"

namespace duet {

/// A system of the literature that duet sets out to cover: a row of docs/systems.toml, from which docs/systems.md is
/// written by scripts/systems.py.
struct System {
  std::string name;
  std::string paper;                               ///< its paper or program
  std::string state;                               ///< "works", "partly" or "not yet"
  std::string missing;                             ///< what is missing, if it is not "works"
  std::vector<std::string> recipes, games, tests;  ///< what shows that it works
  std::string result;                              ///< what was measured; empty if nothing was
  std::string measured;                            ///< when and by which command
  void fields(Fields& f);
};

/// The text of docs/systems.toml, which is compiled in.
const char* systems_toml();

/// All systems by their ids ("P1"), in the order of the groups and of the numbers in a group. Throws Error(recipe) for
/// a text that is not such a table.
std::vector<std::pair<std::string, System>> all_systems();

}  // namespace duet
