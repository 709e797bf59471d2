#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace duet {

/// Columns that a terminal needs for one line of UTF-8: two for East Asian wide characters and emoji, none for accents
/// that join the letter before them. In doubt (rare symbols) it counts two, so that nothing is wider than it says.
size_t columns_of(std::string_view text);

/// The text, or as much of its beginning as fits with "..." after it (only dots where not even they fit).
std::string cut_to_columns(std::string_view text, size_t columns);

/// The text with blanks after it up to `columns`; longer texts stay as they are.
std::string padded(std::string_view text, size_t columns);

/// How lines are broken.
struct Wrap {
  size_t columns = 100;
  std::string first{};  ///< before the first line
  std::string rest{};   ///< before the lines after it, mostly blanks
  std::string more{};   ///< at the end of each line but the last, such as " \"
};

/// Breaks a text at blanks into lines of at most `columns`, each with a line end. Words that are longer than a line
/// stay whole: a path that is cut in two cannot be pasted. A single blank between words is kept, as are more of them
/// unless the line breaks there.
std::string wrapped(std::string_view text, const Wrap& how);

}  // namespace duet
