#pragma once

#include <chrono>
#include <string>

#include "duet/train/loop.h"

namespace duet {

/// Writes a training's progress to stdout: one line per tick, and on a terminal a bar that moves below them.
class Reporter {
 public:
  explicit Reporter(double total_kimg);

  void line(const std::string& text);
  void tick(const Progress& progress);
  void moved(double kimg);
  void scored(const Report& report, bool best);

 private:
  double total_kimg_;
  bool terminal_;
  double rate_ = 0, left_ = 0;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace duet
