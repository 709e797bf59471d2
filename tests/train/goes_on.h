#pragma once

#include "tests/train/tiny.h"

namespace duet {

/// Plays a training on by some rounds, and another from its checkpoint, and expects the same of both to the bit.
inline void expect_goes_on(Training& whole, const Recipe& recipe, int rounds = 3) {
  const auto file = snapshot(whole.trainer);
  Training later(recipe, Trainer::saved_cursors(file));
  later.trainer.load(file);
  whole.rounds(rounds), later.rounds(rounds);
  expect_same(later.trainer.save(), whole.trainer.save());
}

}  // namespace duet
