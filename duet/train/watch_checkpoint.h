#pragma once

#include "duet/core/error.h"
#include "duet/train/watched.h"

namespace duet {

/// Saves a run: everything that determines its future, and the best score so far.
class CheckpointWatcher {
 public:
  explicit CheckpointWatcher(Watched& watched) : watched_(watched) {}
  /// The content of a checkpoint now.
  TensorFile state();
  /// With `score_due` the checkpoint says that the score at this point has not been made yet.
  void save(bool score_due);
  /// Reads the scores of a checkpoint. Returns whether one is due.
  bool take_up(const TensorFile& checkpoint);
  /// Called if output of a watcher could not be written: saves the training, if possible, and throws Error that says
  /// what is saved.
  [[noreturn]] void save_and_fail(const Error& error, bool score_due);

 private:
  Watched& watched_;
};

}  // namespace duet
