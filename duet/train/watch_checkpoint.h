#pragma once

#include "duet/core/error.h"
#include "duet/train/watched.h"

namespace duet {

/// Saves a run: everything that decides its future, with what has been found so far.
class CheckpointWatcher {
 public:
  explicit CheckpointWatcher(Watched& watched) : watched_(watched) {}
  /// What a checkpoint of now holds.
  TensorFile state();
  /// With `score_due` it says that the score of this moment is still to be made.
  void save(bool score_due);
  /// Takes up what a checkpoint says of scores. Whether one is due.
  bool take_up(const TensorFile& checkpoint);
  /// What only watches could not be written: saves the training, if it can, and throws Error with what is saved.
  [[noreturn]] void save_and_fail(const Error& error, bool score_due);

 private:
  Watched& watched_;
};

}  // namespace duet
