#pragma once

#include <string>

#include "duet/config/fields.h"

namespace duet {

/// [score]: how quality is measured during training.
struct ScoreConfig {
  double every = 0;               ///< kimg between scores; 0: never
  int64_t samples = 2000;         ///< generated for one score
  std::string features = "auto";  ///< "auto", "classifier", "random" or "raw" (see score/scorer.h)
  void fields(Fields& f);
};

}  // namespace duet
