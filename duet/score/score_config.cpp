#include "duet/score/score_config.h"

namespace duet {

void ScoreConfig::fields(Fields& f) {
  f.real("every", every, "kimg between scores; 0 never", {.low = 0});
  f.integer("samples", samples, "samples generated for one score", {100, 1e6});
  f.choice("features", features, {"auto", "classifier", "random", "raw"}, "features in which pictures are compared");
}

}  // namespace duet
