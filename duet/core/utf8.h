#pragma once

#include <cstddef>
#include <string_view>

namespace duet {

/// One character of a text that should be UTF-8.
struct Utf8Character {
  char32_t code = 0;  ///< the code point; the byte itself where it is no UTF-8
  size_t bytes = 1;
  bool valid = true;  ///< false: a byte that begins no whole, shortest, allowed sequence
};

/// The character that begins at byte `at`, which must lie within the text.
Utf8Character utf8_character(std::string_view text, size_t at);

}  // namespace duet
