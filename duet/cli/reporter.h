#pragma once

#include <chrono>
#include <string>

#include "duet/cli/pace.h"
#include "duet/cli/terminal.h"
#include "duet/cli/tick_line.h"
#include "duet/train/loop.h"

namespace duet {

/// Prints a training's progress to stdout: one line per tick, and on a terminal a bar below them.
class Reporter {
 public:
  explicit Reporter(double total_kimg) : total_kimg_(total_kimg) {}

  /// Prints a line that stays.
  void line(const std::string& text);
  void tick(const Progress& progress);
  void moved(double kimg);
  /// Shows what is done between rounds: on a terminal instead of the bar, elsewhere not at all.
  void doing(const std::string& what);
  /// Shows the training of the classifier for scores: on a terminal continuously, elsewhere with one line when it
  /// begins.
  void classifier(const ClassifierProgress& progress);
  void scored(const Report& report, bool best);
  /// Removes the bar, so that others may print.
  void clear() { status_.clear(); }

 private:
  /// Columns of a line that stays: those of the terminal, or a fixed number for logs.
  size_t log_columns() const;

  double total_kimg_;
  StatusLine status_{Standard::output};
  bool ticked_ = false;
  double begun_kimg_ = -1;  // where the first observed round ended, and when
  std::chrono::steady_clock::time_point begun_;
  TickLines ticks_;
  ClassifierStatus pace_;
  double rate_ = 0, left_ = 0;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace duet
