#pragma once

#include "duet/train/watched.h"

namespace duet {

/// Draws what a run has learnt: sheets of samples, the curves, and at the end a film of the sheets.
class SheetWatcher {
 public:
  /// Throws Error(data) where examples to compare vectors with cannot be read.
  explicit SheetWatcher(Watched& watched);
  /// A sheet of now, and the curves.
  void show();
  void draw_curves() const;
  /// It only shows, so whatever hinders it does not hinder the run.
  void animate();

 private:
  Watched& watched_;
  Tensor real_;
};

}  // namespace duet
