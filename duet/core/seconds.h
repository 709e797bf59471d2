#pragma once

#include <chrono>

namespace duet {

/// Of real time; a clock that nobody sets.
using Steady = std::chrono::steady_clock;

inline double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

}  // namespace duet
