#pragma once

#include "duet/train/measurer.h"
#include "duet/train/watch_checkpoint.h"

namespace duet {

/// Scores a run, and saves its best checkpoint.
class ScoreWatcher {
 public:
  explicit ScoreWatcher(Watched& watched);
  /// Makes a score now; a new best is saved by `checkpoints`. Throws Interrupted if the run is to stop meanwhile; then
  /// nothing has changed.
  void score(CheckpointWatcher& checkpoints);
  /// Seconds spent on scores so far; they are not part of the training speed.
  double seconds() const { return scorer_seconds_ + score_seconds_; }
  /// Estimated seconds of the remaining scores, from those made so far.
  double seconds_to_come() const;

 private:
  ClassifierOptions classifier_options() const;
  void make_scorer();
  void score_now(CheckpointWatcher& checkpoints);

  Watched& watched_;
  std::optional<Scorer> scorer_;
  std::optional<Measurer> measurer_;
  double scorer_seconds_ = 0, score_seconds_ = 0;  ///< spent on creating the scorer, and on the scores
  double made_ = 0;
  double scored_kimg_;  ///< kimg of the last score; of the run's beginning before the first
};

}  // namespace duet
