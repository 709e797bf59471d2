#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace duet {

/// Terminal columns of one line of UTF-8: two for East Asian wide characters and emoji, none for combining marks. Rare
/// symbols count two, so that no line is wider than computed.
size_t columns_of(std::string_view text);

/// The text, or as much of its beginning as fits with "..." after it (only dots where not even they fit).
std::string cut_to_columns(std::string_view text, size_t columns);

/// The text padded with blanks to `columns`; longer texts are returned unchanged.
std::string padded(std::string_view text, size_t columns);

/// How lines are broken.
struct Wrap {
  size_t columns = 100;
  std::string first{};  ///< before the first line
  std::string rest{};   ///< before the other lines, mostly blanks
  std::string more{};   ///< at the end of each line but the last, such as " \"
};

/// Breaks a text at blanks into lines of at most `columns`, each with a line end. Words longer than a line stay whole:
/// a broken path cannot be pasted. Runs of blanks between words are preserved, except at line breaks.
std::string wrapped(std::string_view text, const Wrap& how);

}  // namespace duet
