#pragma once

#include "duet/core/seconds.h"
#include "duet/train/watch_score.h"

namespace duet {

/// Reads a run's losses and speed.
class TickWatcher {
 public:
  /// Begins measuring the speed.
  explicit TickWatcher(Watched& watched) : watched_(watched), begin_kimg_(watched.kimg()) {}
  /// Logs a line. Throws Error(diverged) if a number is not finite.
  void tick(const ScoreWatcher& scores);
  /// Seconds since it began.
  double seconds() const;

 private:
  double seconds_left(const ScoreWatcher& scores) const;

  Watched& watched_;
  double begin_kimg_;
  Steady::time_point begin_ = Steady::now();
};

}  // namespace duet
