#pragma once

#include <string>

#include "duet/score/report.h"
#include "duet/train/loop.h"

namespace duet {

/// Writes a training's numbers in lines that fit a terminal. The wider it is, the more they hold; everything in full is
/// in events.jsonl. Lines of one width have the same parts, so that they can be read in columns.
class TickLines {
 public:
  /// One line of the log, at most this wide:
  ///   30.98 kimg   3%  16875 img/s  ETA 0:53 | D loss 1.31 r1 0.05 D(real) 0.71 D(fake) 0.24 G loss 0.757 | D 73% G
  ///   23%
  std::string line(const Progress& progress, size_t columns);

 private:
  size_t columns_ = 0;  ///< that the lines so far had
  int level_ = 0;       ///< what had to be left out of them
};

/// The bar that moves below them: "[####....] 12.34 / 60 kimg  35000 img/s  ETA 0:01". `rate` 0: not known yet.
std::string bar_line(double kimg, double total_kimg, double rate, double seconds_left, size_t columns);

/// The numbers of a score that say most, in lines that end by themselves.
std::string score_lines(const Report& report, bool best, size_t columns);

}  // namespace duet
