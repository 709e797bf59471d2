#include "duet/train/cadence.h"

#include <cmath>

namespace duet {
namespace {

/// Whether a round crossed 1, 2, 4 ... kimg: early sheets show early what a training will become.
bool is_early_sheet(const Recipe& recipe, double before, double now) {
  for (double at = kFirstSheet; at < recipe.sample_every; at *= 2)
    if (before < at && now >= at) return true;
  return false;
}

}  // namespace

Due due(const Recipe& recipe, double before, double now, bool stop) {
  const bool last = now >= recipe.kimg;
  const auto crossed = [&](double every) {
    // 1.2 / 0.4 is a little under 3 in floating point.
    const auto times = [every](double at) { return std::floor(at / every + 1e-9); };
    return last || times(now) > times(before);
  };
  Due due;
  due.checkpoint = crossed(recipe.checkpoint_every) || stop;
  due.score = recipe.score.every > 0 && crossed(recipe.score.every);
  due.sheet = crossed(recipe.sample_every) || is_early_sheet(recipe, before, now);
  // The reading also detects numbers that are not finite, so nothing is drawn, scored or saved without one.
  due.tick = crossed(recipe.tick) || due.sheet || due.score || due.checkpoint;
  return due;
}

}  // namespace duet
