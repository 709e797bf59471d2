#pragma once

#include <string>
#include <vector>

namespace duet {

/// An optimiser as `duet list optimizers` shows it.
struct OptimizerEntry {
  std::string name;
  std::string line;  ///< what it does, and the keys of [player.NAME] that are its own
  std::string paper;
};

/// Every optimiser that a player may have. A new one is a line here and its rule in train/optimizer.cpp.
const std::vector<OptimizerEntry>& optimizer_entries();

}  // namespace duet
