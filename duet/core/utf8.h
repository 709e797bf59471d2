#pragma once

#include <cstddef>
#include <string_view>

namespace duet {

/// One character of a text that is expected to be UTF-8.
struct Utf8Character {
  char32_t code = 0;  ///< the code point; the byte itself if it is not UTF-8
  size_t bytes = 1;
  bool valid = true;  ///< false: no complete, shortest-form, allowed sequence begins here
};

/// The character that begins at byte `at`, which must be inside the text.
Utf8Character utf8_character(std::string_view text, size_t at);

}  // namespace duet
