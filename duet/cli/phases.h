#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "duet/cli/terminal.h"

namespace duet {

/// Tells on stderr what a verb is doing while it prints nothing else: on a terminal one line that is redrawn and gone
/// at the end, elsewhere one line for each phase that takes more than three seconds.
class Phases {
 public:
  Phases();
  ~Phases();
  Phases(const Phases&) = delete;
  Phases& operator=(const Phases&) = delete;

  /// What is being done from now on; a terminal shows its first 60 characters. The same text goes on with the phase.
  void begin(const std::string& what);
  /// Share of the phase that is done, 0 to 1.
  void progress(double share);
  /// How far the phase is, in words for a terminal.
  void progress(const std::string& words);
  /// A sentence that stays.
  void note(const std::string& text);

 private:
  using Steady = std::chrono::steady_clock;

  void watch();
  void show();

  std::mutex mutex_;  ///< over all below
  StatusLine status_{Standard::error};
  std::condition_variable changed_;
  std::string what_;
  double share_ = 0;
  std::string words_;
  Steady::time_point begun_;
  bool told_ = false;  ///< this phase has its line in a pipe
  bool done_ = false;
  std::thread watcher_;  ///< phases are long calls that report nothing themselves
};

}  // namespace duet
