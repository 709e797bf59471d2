#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duet/config/schedule.h"

namespace duet {

class Fields;

/// A set of recipe keys whose type is chosen at run time (a network family, a game). Plain config structs need no base
/// class: any type with `void fields(Fields&)` is a section.
struct Config {
  virtual ~Config() = default;
  /// Lists every key once: the same list reads a recipe, applies overrides, prints the effective recipe and the help.
  virtual void fields(Fields& fields) = 0;
};

/// Makes the config for a kind; null for an unknown kind. Does not throw.
using ConfigFactory = std::function<std::shared_ptr<Config>(const std::string& kind)>;

/// The allowed values of a `kind` key and how to make the config of each.
struct Catalogue {
  std::vector<std::string> kinds;
  ConfigFactory make;
};

/// A section whose other keys depend on its key `kind`.
struct Choice {
  std::string kind;
  std::shared_ptr<Config> config;
};

/// Closed interval a number must lie in.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// Visits the keys of a config: a reader fills them, a writer prints them. Threads: not for several at once.
class Fields {
 public:
  virtual ~Fields() = default;
  virtual void flag(std::string_view name, bool& value, std::string_view help) = 0;
  virtual void integer(std::string_view name, int64_t& value, std::string_view help, Limits limits = {}) = 0;
  virtual void real(std::string_view name, double& value, std::string_view help, Limits limits = {}) = 0;
  virtual void text(std::string_view name, std::string& value, std::string_view help) = 0;
  /// A text that must be one of `choices`.
  virtual void choice(std::string_view name, std::string& value, const std::vector<std::string>& choices,
                      std::string_view help) = 0;
  virtual void integers(std::string_view name, std::vector<int64_t>& value, std::string_view help,
                        Limits limits = {}) = 0;
  virtual void texts(std::string_view name, std::vector<std::string>& value, std::string_view help) = 0;
  virtual void schedule(std::string_view name, Schedule& value, std::string_view help, Limits limits = {}) = 0;
  /// The next field, `name`, was called `former` before: a reader accepts the former key, too. A writer ignores this.
  virtual void renamed(std::string_view /*former*/, std::string_view /*name*/) {}

  /// A nested table.
  template <class Section>
  void section(std::string_view name, Section& value, std::string_view help) {
    open_section(name, help);
    value.fields(*this);
    close_section();
  }
  /// A nested table whose `kind` determines its other keys.
  void section(std::string_view name, Choice& value, const Catalogue& catalogue, std::string_view help);
  /// Nested tables with arbitrary names: [name.first], [name.second].
  template <class Section>
  void sections(std::string_view name, std::map<std::string, Section>& values, std::string_view help) {
    open_section(name, help);
    for (const auto& key : section_names()) values[key];
    for (auto& [key, value] : values) section(key, value, "");
    close_section();
  }
  void sections(std::string_view name, std::map<std::string, Choice>& values, const Catalogue& catalogue,
                std::string_view help);

 protected:
  virtual void open_section(std::string_view name, std::string_view help) = 0;
  virtual void close_section() = 0;
  /// Names of the tables in the open section; none for a writer.
  virtual std::vector<std::string> section_names() = 0;
};

/// The keys of a schedule's table form, which depend on its shape.
void schedule_fields(Fields& fields, Schedule& s, Limits limits);

}  // namespace duet
