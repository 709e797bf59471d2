#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace duet {

/// The text with A-Z in lower case.
inline std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return small;
}

}  // namespace duet
