#include "duet/core/columns.h"

#include <algorithm>
#include <span>

#include "duet/core/utf8.h"

namespace duet {
namespace {

struct CodeRange {
  char32_t first, last;
};

// From Unicode 14's East_Asian_Width (W and F); near ranges are merged.
constexpr CodeRange kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23f3}, {0x25fd, 0x25fe}, {0x2600, 0x27bf},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b55},   {0x2e80, 0x303e},   {0x3041, 0xa4cf}, {0xa960, 0xa97f}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x16fe0, 0x18cff},
    {0x1b000, 0x1b2ff}, {0x1f000, 0x1faff}, {0x20000, 0x3fffd},
};

// Combining marks of the most common writing systems, joiners and variation selectors.
constexpr CodeRange kCombining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x05bf, 0x05bf},   {0x05c1, 0x05c2}, {0x0610, 0x061a},
    {0x064b, 0x065f}, {0x0670, 0x0670}, {0x093c, 0x093c}, {0x0e31, 0x0e31},   {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},   {0x302a, 0x302d}, {0x3099, 0x309a},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

bool lies_in(std::span<const CodeRange> ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const CodeRange& range) { return code >= range.first && code <= range.last; });
}

size_t columns_of(const Utf8Character& character) {
  if (character.code < 0x300) return 1;
  if (lies_in(kCombining, character.code)) return 0;
  return lies_in(kWide, character.code) ? 2 : 1;
}

/// Bytes of the longest prefix that fits, combining marks of its last letter included.
size_t bytes_that_fit(std::string_view text, size_t columns) {
  size_t at = 0, used = 0;
  while (at < text.size()) {
    const auto character = utf8_character(text, at);
    used += columns_of(character);
    if (used > columns) break;
    at += character.bytes;
  }
  return at;
}

}  // namespace

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  for (size_t at = 0; at < text.size();) {
    const auto character = utf8_character(text, at);
    columns += columns_of(character);
    at += character.bytes;
  }
  return columns;
}

std::string cut_to_columns(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  const std::string dots(std::min<size_t>(columns, 3), '.');
  return std::string(text.substr(0, bytes_that_fit(text, columns - dots.size()))) + dots;
}

std::string padded(std::string_view text, size_t columns) {
  const size_t used = columns_of(text);
  return std::string(text) + std::string(columns > used ? columns - used : 0, ' ');
}

std::string wrapped(std::string_view text, const Wrap& how) {
  std::string out, line = how.first;
  bool empty = true;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
    const size_t end = std::min(text.find(' ', begin), text.size());
    const auto blanks = text.substr(at, begin - at), word = text.substr(begin, end - begin);
    at = end;
    if (word.empty()) break;
    // Later words are not known here: except for the last word, room for the continuation mark is reserved.
    const size_t room = how.columns - std::min(how.columns, at < text.size() ? columns_of(how.more) : 0);
    if (!empty && columns_of(line) + blanks.size() + columns_of(word) > room) {
      out += line + how.more + "\n";
      line = how.rest;
    } else {
      line += blanks;
    }
    line += word;
    empty = false;
  }
  return out + line + "\n";
}

}  // namespace duet
