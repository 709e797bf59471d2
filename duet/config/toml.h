#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "duet/config/fields.h"

namespace duet {

/// A TOML document with `--set` overrides laid over it. Every key knows where it came from.
/// Threads: not for several at once.
class TomlDocument {
 public:
  /// `place` names the text in messages (a path). Throws Error(recipe) with file:line:col on a syntax error.
  TomlDocument(const std::string& text, std::string place);
  ~TomlDocument();
  TomlDocument(TomlDocument&&) noexcept;

  /// Lays `a.b.c=value` over the document; the value is TOML, or a bare word taken as text.
  /// Throws Error(usage) when there is no '=', the path runs through a value, or the value is no UTF-8.
  void set(const std::string& assignment);

  /// Fills `visit`'s fields. Throws Error(recipe) with the place for an unknown key (and the nearest known one), a
  /// wrong type, a value out of range or not among the choices.
  /// With `left_out`, a key of the text that is unknown in a section with overrides is no error: an override of a
  /// choice (an optimizer, a kind) may have taken its meaning. Each is left out, and a line about it added there.
  void read(const std::function<void(Fields&)>& visit, std::vector<std::string>* left_out = nullptr) const;

  /// Where a key of the top level came from, "file:line:col" or its override; where it is missing, the text's place.
  std::string where(const std::string& key) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The config as TOML text, every key with its value, the help as comments when `comments`.
std::string to_toml(const std::function<void(Fields&)>& visit, bool comments);

/// A text as a TOML value: in double quotes, with what would end or break them escaped.
std::string quoted(const std::string& text);

/// Whether a recipe can hold a text: TOML is UTF-8.
bool can_be_quoted(const std::string& text);

/// All keys as "section.key" with their values as TOML, in order: what two recipes are compared by.
std::vector<std::pair<std::string, std::string>> flatten(const std::function<void(Fields&)>& visit);

}  // namespace duet
