#pragma once

#include <string>
#include <vector>

#include "duet/config/fields.h"

namespace duet {

/// [turns]: who moves when.
struct TurnsConfig {
  std::string order = "alternating";  ///< "alternating", "simultaneous" (all from the same point), or "list"
  std::vector<std::string> list;      ///< order = "list": players in the order of their moves, repeated
  bool share_fake = true;             ///< the generator's turn uses the pictures the discriminator has just judged
  void fields(Fields& f);
};

}  // namespace duet
