#pragma once

#include <chrono>
#include <string>

#include "duet/score/classifier.h"

namespace duet {

/// "1:05", "2:03:00".
std::string duration(double seconds);

/// Tells how far the training of a classifier is.
class ClassifierPace {
 public:
  /// "34,560 of 90,000, 93 % right, 0:34 left"; "reading examples" before the first of them is seen. The time left is
  /// reckoned from the second report on, since the reading before the first says nothing of it.
  std::string text(const ClassifierProgress& progress);

 private:
  int64_t first_ = 0;  ///< examples seen at the first report
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace duet
