#pragma once

#include <chrono>
#include <string>

#include "duet/score/classifier.h"

namespace duet {

/// "1:05", "2:03:00".
std::string duration(double seconds);

/// Describes how far the training of a classifier is.
class ClassifierStatus {
 public:
  /// "34,560 of 90,000, 93 % correct, 0:34 left"; "reading examples" before the first example. The remaining time is
  /// estimated from the second report on, because reading before the first one would distort it.
  std::string text(const ClassifierProgress& progress);

 private:
  int64_t first_ = 0;  ///< examples seen at the first report
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace duet
