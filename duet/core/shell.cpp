#include "duet/core/shell.h"

#include "duet/core/error.h"
#include "duet/core/utf8.h"

namespace duet {
namespace {

bool is_plain(std::string_view word) {
  constexpr std::string_view kSafe = "@%+=:,./-_";
  for (const char letter : word) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool word_like =
        byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
    if (!word_like && kSafe.find(letter) == std::string_view::npos) return false;
  }
  // zsh expands a word that begins with = to the path of a command.
  return !word.empty() && word.front() != '=';
}

/// In $'...' quotes; bash, zsh, ksh and POSIX since 2024 support them.
std::string with_escapes(std::string_view word) {
  std::string out = "$'";
  for (const char letter : word) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '\n')
      out += "\\n";
    else if (letter == '\t')
      out += "\\t";
    // Octal escapes end after three digits; hexadecimal ones have no fixed length.
    else if (byte < 0x20 || byte >= 0x7f)
      out += fmt::format("\\{:03o}", byte);
    else if (letter == '\'' || letter == '\\')
      out += std::string("\\") + letter;
    else
      out += letter;
  }
  return out + "'";
}

bool begins_with_tilde(std::string_view path) { return path == "~" || path.starts_with("~/"); }

}  // namespace

std::string shell_quoted(std::string_view word) {
  if (word.starts_with('-')) return shell_quoted("./" + std::string(word));
  if (printable(word) != word) return with_escapes(word);
  if (is_plain(word)) return std::string(word);
  std::string out = "'";
  for (const char letter : word)
    if (letter == '\'')
      out += "'\\''";
    else
      out += letter;
  return out + "'";
}

std::string unexpanded(std::string_view path) {
  if (begins_with_tilde(path))
    return "; the shell replaces ~ with your home folder only at the beginning of an unquoted word: leave out the "
           "quotes, "
           "or write $HOME";
  if (path.find_first_of("*?[") == std::string_view::npos) return "";
  return "; the shell expands patterns only outside of quotes, and a single folder is expected here: give the folder";
}

void refuse_tilde(std::string_view option, std::string_view path) {
  if (!begins_with_tilde(path)) return;
  fail(Fault::usage, "{} {}: would be a folder named ~ in the working folder{}; or give ./{} if that is what you want",
       option, path, unexpanded(path), path);
}

}  // namespace duet
