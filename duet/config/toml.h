#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "duet/config/fields.h"

namespace duet {

/// Lines about keys that were not read as they are written.
struct TomlNotes {
  std::vector<std::string> ignored;  ///< keys whose meaning an override beside them took away
  std::vector<std::string> renamed;  ///< keys that were read under a former name
};

/// A TOML document with `--set` overrides applied to it. Remembers where every key came from. Threads: not for several
/// at once.
class TomlDocument {
 public:
  /// `place` names the text in messages (a path). Throws Error(recipe) with file:line:col for a syntax error.
  TomlDocument(const std::string& text, std::string place);
  ~TomlDocument();
  TomlDocument(TomlDocument&&) noexcept;

  /// Sets `a.b.c=value`; the value is TOML, or a bare word that is taken as text. Throws Error(usage) if there is no
  /// '=', if the path leads through a value, or if the value is not UTF-8.
  void set(const std::string& assignment);

  /// Fills `visit`'s fields. Throws Error(recipe) with the place for an unknown key (and the nearest known one), a
  /// wrong type, a value out of range or not among the choices. With `notes`, an unknown key of the text is no error in
  /// a section with overrides: an override of a choice (an optimizer, a kind) may have taken its meaning away. It is
  /// ignored and noted.
  void read(const std::function<void(Fields&)>& visit, TomlNotes* notes = nullptr) const;

  /// Origin of a top-level key: "file:line:col" or its override; if it is missing, the text's place.
  std::string where(const std::string& key) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The config as TOML text: every key with its value, and the help as comments if `comments` is set.
std::string to_toml(const std::function<void(Fields&)>& visit, bool comments);

/// A text as a TOML string in double quotes, with special characters escaped.
std::string quoted(const std::string& text);

/// Whether a recipe can hold a text: TOML is UTF-8.
bool can_be_quoted(const std::string& text);

/// All keys as "section.key" with their values as TOML, in order; used to compare recipes.
std::vector<std::pair<std::string, std::string>> flatten(const std::function<void(Fields&)>& visit);

}  // namespace duet
