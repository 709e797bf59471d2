#pragma once

#include "duet/train/recipe.h"

namespace duet {

/// kimg of the first sheet after the initial one; the next ones come at twice the kimg each, until sample_every takes
/// over.
inline constexpr double kFirstSheet = 1;

/// What is due after a round.
struct Due {
  bool tick = false, sheet = false, score = false, checkpoint = false;
};

/// What is due after a round that took a run from `before` to `now` kimg: every interval that it crossed, and all of
/// them at the end of the run. With `stop` a checkpoint is due.
Due due(const Recipe& recipe, double before, double now, bool stop);

}  // namespace duet
