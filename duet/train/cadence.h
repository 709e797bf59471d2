#pragma once

#include "duet/train/recipe.h"

namespace duet {

/// kimg at which the first sheet of something learnt is drawn; the next ones come at twice as many each, until
/// sample_every takes over.
inline constexpr double kFirstSheet = 1;

/// What is due after a round.
struct Due {
  bool tick = false, sheet = false, score = false, checkpoint = false;
};

/// What a round makes due that took a run from `before` to `now` kimg: every cadence that it crossed, and all of them
/// at the end of the run. Where the run is to `stop` it is saved.
Due due(const Recipe& recipe, double before, double now, bool stop);

}  // namespace duet
