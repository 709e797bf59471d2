#pragma once

#include <limits>

namespace duet {

/// The interval that 8-bit pixels 0..255 are mapped to, and that a generator of pictures must cover.
struct Range {
  double low = -1;
  double high = 1;
  bool operator==(const Range&) const = default;
};

/// All real numbers.
inline constexpr Range kEverything{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};

}  // namespace duet
