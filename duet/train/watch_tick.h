#pragma once

#include "duet/core/seconds.h"
#include "duet/train/watch_score.h"

namespace duet {

/// Reads a run's losses, and its pace.
class TickWatcher {
 public:
  /// From now on the pace is measured.
  explicit TickWatcher(Watched& watched) : watched_(watched), begin_kimg_(watched.kimg()) {}
  /// A line of the log. Throws Error(diverged) where a number is not finite.
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
