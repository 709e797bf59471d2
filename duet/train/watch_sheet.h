#pragma once

#include "duet/train/watched.h"

namespace duet {

/// Draws sheets of samples, the curves, and at the end a film of the sheets.
class SheetWatcher {
 public:
  /// Throws Error(data) if examples for comparison with vectors cannot be read.
  explicit SheetWatcher(Watched& watched);
  /// Draws a sheet now, and the curves.
  void show();
  void draw_curves() const;
  /// Draws the film. It is not essential, so errors do not stop the run.
  void animate();

 private:
  Watched& watched_;
  Tensor real_;
};

}  // namespace duet
