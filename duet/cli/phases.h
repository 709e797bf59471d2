#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "duet/cli/terminal.h"

namespace duet {

/// Shows on stderr what a verb is doing while it prints nothing else: on a terminal as one line that is redrawn and
/// removed at the end, elsewhere as one line for each phase that takes more than three seconds.
class Phases {
 public:
  Phases();
  ~Phases();
  Phases(const Phases&) = delete;
  Phases& operator=(const Phases&) = delete;

  /// Begins a phase; a terminal shows the first 60 characters. The same text continues the phase.
  void begin(const std::string& what);
  /// Progress of the phase, 0 to 1.
  void progress(double share);
  /// Progress of the phase in words, for a terminal.
  void progress(const std::string& words);
  /// Prints a sentence that stays.
  void note(const std::string& text);

 private:
  using Steady = std::chrono::steady_clock;

  void watch();
  void show();

  std::mutex mutex_;  ///< protects all members below
  StatusLine status_{Standard::error};
  std::condition_variable changed_;
  std::string what_;
  double share_ = 0;
  std::string words_;
  Steady::time_point begun_;
  bool printed_ = false;  ///< the line of this phase has been printed (not on a terminal)
  bool done_ = false;
  std::thread watcher_;  ///< needed because long calls report nothing themselves
};

}  // namespace duet
