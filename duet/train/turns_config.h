#pragma once

#include <map>
#include <string>
#include <vector>

#include "duet/config/fields.h"

namespace duet {

/// [turns.phase.NAME]: who moves when, until a time.
struct PhaseConfig {
  double until = 0;                   ///< its end, in the unit of [turns]
  std::string order = "alternating";  ///< as in [turns]
  std::vector<std::string> list;
  double rate = 1;  ///< factor of all learning rates
  void fields(Fields& f);
};

/// [turns]: who moves when, in each round.
struct TurnsConfig {
  std::string order = "alternating";  ///< "alternating", "simultaneous" (all from the same point), or "list"
  /// order = "list": players in the order of their moves; "a + b" move from the same point.
  std::vector<std::string> list;
  bool share_fake = true;     ///< the generator learns from the samples that the discriminator has just judged
  std::string unit = "kimg";  ///< of the phases' ends: "kimg", "epoch" or "round"
  bool repeat = false;        ///< after the last phase the first begins again, instead of `order`
  std::map<std::string, PhaseConfig> phase;
  void fields(Fields& f);
};

}  // namespace duet
