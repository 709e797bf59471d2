#pragma once

#include <chrono>

namespace duet {

/// Monotonic real time.
using Steady = std::chrono::steady_clock;

inline double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

}  // namespace duet
