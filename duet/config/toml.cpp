#include "duet/config/toml.h"

#include <fmt/ranges.h>

#include <sstream>

#include "duet/config/toml_reader.h"
#include "duet/core/error.h"
#include "duet/core/names.h"

namespace duet {

struct TomlDocument::Impl {
  toml::table table;
  std::string place;
  std::map<std::string, std::string> overrides;  // "a.b.c" -> "--set a.b.c=v"

  /// "file:line:col" of a node, or the override that set it.
  std::string where(const std::string& path, const toml::node* node) const {
    for (const auto& [key, text] : overrides)
      if (path == key || path.starts_with(key + ".")) return text;
    if (!node || !node->source().begin) return place;
    return fmt::format("{}:{}:{}", place, node->source().begin.line, node->source().begin.column);
  }

  /// The overrides of other keys in the section of `path`.
  std::vector<std::string> overrides_beside(const std::string& path) const {
    const auto section = [](const std::string& key) { return key.substr(0, key.rfind('.') + 1); };
    std::vector<std::string> found;
    for (const auto& [key, text] : overrides)
      if (key != path && section(key) == section(path)) found.push_back(text);
    return found;
  }
};

TomlDocument::TomlDocument(const std::string& text, std::string place) : impl_(std::make_unique<Impl>()) {
  impl_->place = std::move(place);
  try {
    impl_->table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail(Fault::recipe, "{}:{}:{}: {}; expected TOML such as: lr = 2e-4", impl_->place, error.source().begin.line,
         error.source().begin.column, error.description());
  }
}

TomlDocument::~TomlDocument() = default;
TomlDocument::TomlDocument(TomlDocument&&) noexcept = default;

void TomlDocument::set(const std::string& assignment) {
  const auto equals = assignment.find('=');
  const auto origin = "--set " + assignment;
  if (equals == std::string::npos || equals == 0)
    fail(Fault::usage, "{}: no 'key=value'; expected for instance --set player.generator.lr=1e-4", origin);
  if (!is_utf8(assignment))
    fail(Fault::usage, "{}: is not UTF-8; expected text in UTF-8, as in every recipe; convert it",
         utf8_escaped(origin));
  const auto path = assignment.substr(0, equals);
  const auto value = assignment.substr(equals + 1);
  toml::table parsed;
  try {
    parsed = toml::parse("value = " + value);
  } catch (const toml::parse_error&) {
    parsed.insert("value", value);  // a bare word is a text: --set data.spec=digits
  }
  toml::table* table = &impl_->table;
  std::istringstream parts(path);
  std::vector<std::string> keys;
  for (std::string key; std::getline(parts, key, '.');) keys.push_back(key);
  for (size_t i = 0; i + 1 < keys.size(); ++i) {
    auto* node = table->get(keys[i]);
    if (!node) node = &table->insert(keys[i], toml::table{}).first->second;
    if (!node->is_table()) fail(Fault::usage, "{}: '{}' is {}, not a section", origin, keys[i], toml_type_name(*node));
    table = node->as_table();
  }
  parsed.get("value")->visit([&](auto& node) { table->insert_or_assign(keys.back(), std::move(node)); });
  impl_->overrides[path] = origin;
}

std::string TomlDocument::where(const std::string& key) const { return impl_->where(key, impl_->table.get(key)); }

void TomlDocument::read(const std::function<void(Fields&)>& visit, TomlNotes* notes) const {
  const auto where = [this](const std::string& path, const toml::node* node) { return impl_->where(path, node); };
  const auto passes = [&](const std::string& path, const toml::node& node) {
    const auto causes = impl_->overrides_beside(path);
    if (!notes || causes.empty() || where(path, &node).starts_with("--set ")) return false;
    notes->ignored.push_back(fmt::format("{}: {} = {} is ignored: there is no such key with {}", where(path, &node),
                                         path, toml_value_text(node), fmt::join(causes, " ")));
    return true;
  };
  const auto renamed = [&](const std::string& path, const toml::node& node, const std::string& name) {
    if (notes)
      notes->renamed.push_back(
          fmt::format("{}: {} is called '{}' now; it is read as such", where(path, &node), path, name));
  };
  read_toml(impl_->table, where, passes, renamed, visit);
}

bool can_be_quoted(const std::string& text) {
  try {
    return toml::parse("value = " + quoted(text))["value"] == text;
  } catch (const toml::parse_error&) {
    return false;
  }
}

}  // namespace duet
