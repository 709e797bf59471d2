#pragma once

#include <cstdint>
#include <string>

namespace duet {

/// A number with thousands separators, independent of the locale: "3,576,704".
inline std::string grouped(int64_t number) {
  auto digits = std::to_string(number);
  const int64_t first = number < 0 ? 1 : 0;
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > first; at -= 3)
    digits.insert(static_cast<size_t>(at), 1, ',');
  return digits;
}

}  // namespace duet
