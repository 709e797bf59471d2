#include "duet/core/text.h"

#include "duet/core/utf8.h"

namespace duet {
namespace {

/// Characters that a terminal acts on instead of showing them, or that change how the surrounding text is read.
bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(const Utf8Character& character) {
  const auto code = static_cast<uint32_t>(character.code);
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  return code < 0x80 || !character.valid ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
}

std::string shown_text(std::string_view text, bool keep_line_ends) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto character = utf8_character(text, at);
    const bool stays = character.valid && (!is_control(character.code) || (keep_line_ends && character.code == '\n'));
    out += stays ? std::string(text.substr(at, character.bytes)) : escaped(character);
    at += character.bytes;
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return shown_text(text, false); }
std::string printable_lines(std::string_view text) { return shown_text(text, true); }

std::string without_tag(std::string_view text) {
  const auto end = text.find("] ");
  return std::string(text.starts_with('[') && end != std::string_view::npos ? text.substr(end + 2) : text);
}

}  // namespace duet
