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
  // A shell may read = at the beginning as a command's name.
  return !word.empty() && word.front() != '=';
}

/// In the quotes that know escapes; bash, zsh, ksh and POSIX since 2024 read them.
std::string with_escapes(std::string_view word) {
  std::string out = "$'";
  for (const char letter : word) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '\n')
      out += "\\n";
    else if (letter == '\t')
      out += "\\t";
    // Three octal digits end by themselves, as hexadecimal ones do not.
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
    return "; a shell puts your home folder in place of ~ only where a word begins with it and it stands outside of "
           "quotes: write it so, or $HOME";
  if (path.find_first_of("*?[") == std::string_view::npos) return "";
  return "; a shell expands a pattern only outside of quotes, and one folder is wanted here: give the folder";
}

void refuse_tilde(std::string_view option, std::string_view path) {
  if (!begins_with_tilde(path)) return;
  fail(Fault::usage, "{} {}: would be a folder of the name ~ here{}; or give ./{} if that is meant", option, path,
       unexpanded(path), path);
}

}  // namespace duet
