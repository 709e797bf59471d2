#pragma once

#include <string>
#include <vector>

namespace duet {

/// An optimiser, as `duet list optimizers` shows it.
struct OptimizerEntry {
  std::string name;
  std::string line;  ///< what it does, and its keys in [player.NAME]
  std::string paper;
};

/// All optimisers. A new one is a line here and its rule in train/optimizer.cpp.
const std::vector<OptimizerEntry>& optimizer_entries();

}  // namespace duet
