#pragma once

#include <string>

#include "duet/score/report.h"
#include "duet/train/loop.h"

namespace duet {

/// Formats a training's numbers as lines that fit a terminal. Wider lines show more; events.jsonl has everything. Lines
/// of one width have the same parts, so that they align in columns.
class TickLines {
 public:
  /// One line of the log of at most `columns`:
  ///   30.98 kimg   3%  16875 img/s  ETA 0:53 | D loss 1.31 r1 0.05 D(real) 0.71 D(fake) 0.24 G loss 0.757 | D 73% G
  ///   23%
  std::string line(const Progress& progress, size_t columns);

 private:
  size_t columns_ = 0;  ///< of the previous lines
  int level_ = 0;       ///< how much is left out of them
};

/// The progress bar: "[####....] 12.34 / 60 kimg 35000 img/s ETA 0:01". `rate` 0: not known yet.
std::string bar_line(double kimg, double total_kimg, double rate, double seconds_left, size_t columns);

/// The most important numbers of a score, as lines with line ends.
std::string score_lines(const Report& report, bool best, size_t columns);

}  // namespace duet
