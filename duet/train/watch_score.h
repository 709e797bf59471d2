#pragma once

#include "duet/score/scorer.h"
#include "duet/train/watch_checkpoint.h"

namespace duet {

/// Scores a run, and keeps its best checkpoint.
class ScoreWatcher {
 public:
  explicit ScoreWatcher(Watched& watched);
  /// The score of now; a new best is saved by `checkpoints`. Throws Interrupted where the run is to stop meanwhile:
  /// then nothing has changed.
  void score(CheckpointWatcher& checkpoints);
  /// Seconds spent so far: scores stand still between rounds, so their time is no part of the pace.
  double seconds() const { return scorer_seconds_ + score_seconds_; }
  /// Seconds that the scores to come will take, by those that were made.
  double seconds_to_come() const;

 private:
  void make_scorer();
  void score_now(CheckpointWatcher& checkpoints);

  Watched& watched_;
  std::optional<Scorer> scorer_;
  double scorer_seconds_ = 0, score_seconds_ = 0;  ///< spent on making the scorer, and on the scores
  double made_ = 0;
  double scored_kimg_;  ///< where the last score was made; where the run began before the first
};

}  // namespace duet
