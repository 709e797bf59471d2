#include "duet/core/toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "duet/core/error.h"
#include "duet/core/nearest.h"

namespace duet {
namespace {

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::string shown(const toml::node& node) {
  if (const auto* text = node.as_string()) return quoted(text->get());
  std::ostringstream out;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_table<decltype(value)>) {
      out << "{...}";
    } else {
      out << value;
    }
  });
  return out.str();
}

std::string number(double value) {
  auto text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string interval(Limits limits) {
  const bool low = std::isfinite(limits.low), high = std::isfinite(limits.high);
  if (low && high) return fmt::format("expected {} to {}", limits.low, limits.high);
  return low ? fmt::format("expected at least {}", limits.low) : fmt::format("expected at most {}", limits.high);
}

bool outside(double value, Limits limits) { return !(value >= limits.low && value <= limits.high); }

/// The keys of a schedule's table form, shared by the reader and the writer.
void schedule_fields(Fields& fields, Schedule& s, Limits limits) {
  fields.choice("shape", s.shape, {"constant", "linear", "cosine", "exponential", "inverse", "steps"}, "");
  fields.real("from", s.from, "", limits);
  if (s.shape == "linear" || s.shape == "cosine") fields.real("to", s.to, "", limits);
  if (s.shape != "inverse" && s.shape != "steps") fields.real("start", s.start, "", {.low = 0});
  if (s.shape == "linear" || s.shape == "cosine") fields.real("end", s.end, "", {.low = 0});
  if (s.shape == "exponential") fields.real("divide", s.divide, "", {.low = 1});
  if (s.shape == "exponential") fields.real("floor", s.floor, "", limits);
  if (s.shape == "inverse") fields.real("decay", s.decay, "", {.low = 0});
  if (s.shape != "constant") fields.choice("unit", s.unit, {"kimg", "update", "epoch"}, "");
}

}  // namespace

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
};

namespace {

class Reader final : public Fields {
 public:
  Reader(const toml::table& root, std::function<std::string(const std::string&, const toml::node*)> where)
      : where_(std::move(where)) {
    stack_.push_back({&root, "", {}});
  }

  void flag(std::string_view name, bool& value, std::string_view) override {
    if (const auto* node = find(name)) {
      if (!node->is_boolean()) wrong_type(name, *node, "true or false");
      value = node->as_boolean()->get();
    }
  }
  void integer(std::string_view name, int64_t& value, std::string_view, Limits limits) override {
    if (const auto* node = find(name)) value = whole(name, *node, limits);
  }
  void real(std::string_view name, double& value, std::string_view, Limits limits) override {
    if (const auto* node = find(name)) value = real_of(name, *node, limits);
  }
  void text(std::string_view name, std::string& value, std::string_view) override {
    if (const auto* node = find(name)) {
      if (!node->is_string()) wrong_type(name, *node, "a text in quotes");
      value = node->as_string()->get();
    }
  }
  void choice(std::string_view name, std::string& value, const std::vector<std::string>& choices,
              std::string_view help) override {
    const bool given = stack_.back().table && stack_.back().table->contains(name);
    text(name, value, help);
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
    const auto* node = given ? stack_.back().table->get(name) : stack_.back().table;
    if (!given)
      fail(Fault::recipe, "{}: [{}] has no key '{}'; expected one of {}", where_(path(name), node), stack_.back().path,
           name, fmt::join(choices, ", "));
    const auto near = nearest_name(value, choices);
    fail(Fault::recipe, "{}: {} = {}; expected one of {}{}", where_(path(name), node), path(name), quoted(value),
         fmt::join(choices, ", "), near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
  }
  void integers(std::string_view name, std::vector<int64_t>& value, std::string_view, Limits limits) override {
    list(name, "a list of whole numbers", value, [&](const toml::node& node) { return whole(name, node, limits); });
  }
  void texts(std::string_view name, std::vector<std::string>& value, std::string_view) override {
    list(name, "a list of texts", value, [&](const toml::node& node) {
      if (!node.is_string()) wrong_type(name, node, "a list of texts in quotes");
      return node.as_string()->get();
    });
  }
  void schedule(std::string_view name, Schedule& value, std::string_view, Limits limits) override {
    const auto* node = find(name);
    if (!node) return;
    if (!node->is_table()) {
      value = Schedule(real_of(name, *node, limits, "a number or a table {shape = ...}"));
      return;
    }
    value = Schedule();
    value.shape = "linear";
    open_section(name, "");
    schedule_fields(*this, value, limits);
    if (value.shape == "steps") {
      list("values", "a list of numbers", value.values, [&](const auto& n) { return real_of("values", n, limits); });
      list("at", "a list of numbers", value.at_times, [&](const auto& n) { return real_of("at", n, {.low = 0}); });
      if (value.values.size() != value.at_times.size())
        fail(Fault::recipe, "{}: {} has {} values but {} times; expected as many of each", where_(path(""), node),
             stack_.back().path, value.values.size(), value.at_times.size());
    }
    close_section();
  }

  /// Refuses what no field asked for. The innermost open table.
  void refuse_unknown() const {
    const auto& level = stack_.back();
    if (!level.table) return;
    for (const auto& [key, node] : *level.table) {
      const std::string name(key.str());
      if (std::find(level.known.begin(), level.known.end(), name) != level.known.end()) continue;
      const auto near = nearest_name(name, level.known);
      const auto at = where_(path(name), &node);
      const auto section = level.path.empty() ? std::string("at the top level") : fmt::format("in [{}]", level.path);
      if (!near.empty()) fail(Fault::recipe, "{}: unknown key '{}' {}; did you mean '{}'?", at, name, section, near);
      fail(Fault::recipe, "{}: unknown key '{}' {}; known here: {}", at, name, section, fmt::join(level.known, ", "));
    }
  }

 protected:
  void open_section(std::string_view name, std::string_view) override {
    const auto* node = find(name);
    if (node && !node->is_table()) wrong_type(name, *node, fmt::format("a table [{}]", path(name)));
    stack_.push_back({node ? node->as_table() : nullptr, path(name), {}});
  }
  void close_section() override {
    refuse_unknown();
    stack_.pop_back();
  }
  std::vector<std::string> section_names() override {
    std::vector<std::string> names;
    if (stack_.back().table)
      for (const auto& [key, node] : *stack_.back().table)
        if (node.is_table()) names.emplace_back(key.str());
    return names;
  }

 private:
  struct Level {
    const toml::table* table;
    std::string path;
    std::vector<std::string> known;
  };

  std::string path(std::string_view name) const {
    const auto& section = stack_.back().path;
    return section.empty() ? std::string(name) : fmt::format("{}{}{}", section, name.empty() ? "" : ".", name);
  }
  const toml::node* find(std::string_view name) {
    stack_.back().known.emplace_back(name);
    return stack_.back().table ? stack_.back().table->get(name) : nullptr;
  }
  [[noreturn]] void wrong_type(std::string_view name, const toml::node& node, std::string_view expected) const {
    fail(Fault::recipe, "{}: {} is {} ({}); expected {}", where_(path(name), &node), path(name), type_name(node),
         shown(node), expected);
  }
  int64_t whole(std::string_view name, const toml::node& node, Limits limits) const {
    if (!node.is_integer()) wrong_type(name, node, "a whole number");
    const int64_t value = node.as_integer()->get();
    if (outside(static_cast<double>(value), limits))
      fail(Fault::recipe, "{}: {} = {} is out of range; {}", where_(path(name), &node), path(name), value,
           interval(limits));
    return value;
  }
  double real_of(std::string_view name, const toml::node& node, Limits limits,
                 std::string_view expected = "a number") const {
    if (!node.is_number()) wrong_type(name, node, expected);
    const double value = *node.value<double>();
    if (outside(value, limits))
      fail(Fault::recipe, "{}: {} = {} is out of range; {}", where_(path(name), &node), path(name), value,
           interval(limits));
    return value;
  }
  template <class Value, class Convert>
  void list(std::string_view name, std::string_view expected, std::vector<Value>& value, Convert convert) {
    const auto* node = find(name);
    if (!node) return;
    if (!node->is_array()) wrong_type(name, *node, expected);
    value.clear();
    for (const auto& item : *node->as_array()) value.push_back(convert(item));
  }

  std::function<std::string(const std::string&, const toml::node*)> where_;
  std::vector<Level> stack_;
};

/// Visits every field as ("section", "key", value as TOML, help); subclasses decide what to do with it.
class Writer : public Fields {
 public:
  void flag(std::string_view name, bool& value, std::string_view help) override {
    put(name, value ? "true" : "false", help);
  }
  void integer(std::string_view name, int64_t& value, std::string_view help, Limits) override {
    put(name, std::to_string(value), help);
  }
  void real(std::string_view name, double& value, std::string_view help, Limits) override {
    put(name, number(value), help);
  }
  void text(std::string_view name, std::string& value, std::string_view help) override {
    put(name, quoted(value), help);
  }
  void choice(std::string_view name, std::string& value, const std::vector<std::string>& choices,
              std::string_view help) override {
    put(name, quoted(value), fmt::format("{}{}{}", help, help.empty() ? "" : ": ", fmt::join(choices, " | ")));
  }
  void integers(std::string_view name, std::vector<int64_t>& value, std::string_view help, Limits) override {
    put(name, fmt::format("[{}]", fmt::join(value, ", ")), help);
  }
  void texts(std::string_view name, std::vector<std::string>& value, std::string_view help) override {
    std::vector<std::string> items;
    for (const auto& item : value) items.push_back(quoted(item));
    put(name, fmt::format("[{}]", fmt::join(items, ", ")), help);
  }
  void schedule(std::string_view name, Schedule& value, std::string_view help, Limits limits) override;

 protected:
  virtual void put(std::string_view name, const std::string& value, std::string_view help) = 0;
  void open_section(std::string_view name, std::string_view) override {
    path_.push_back(path_.empty() ? std::string(name) : path_.back() + "." + std::string(name));
  }
  void close_section() override { path_.pop_back(); }
  std::vector<std::string> section_names() override { return {}; }
  std::string section() const { return path_.empty() ? "" : path_.back(); }

 private:
  std::vector<std::string> path_;
};

/// Gathers the keys of one level as "key = value" pairs.
class InlineWriter final : public Writer {
 public:
  std::vector<std::string> pairs;
  void put(std::string_view name, const std::string& value, std::string_view) override {
    pairs.push_back(fmt::format("{} = {}", name, value));
  }
};

std::string numbers(const std::vector<double>& values) {
  std::vector<std::string> items;
  for (double value : values) items.push_back(number(value));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

void Writer::schedule(std::string_view name, Schedule& value, std::string_view help, Limits limits) {
  if (value.is_constant()) return put(name, number(value.from), help);
  InlineWriter keys;
  schedule_fields(keys, value, limits);
  if (value.shape == "steps") {
    keys.put("values", numbers(value.values), "");
    keys.put("at", numbers(value.at_times), "");
  }
  put(name, fmt::format("{{{}}}", fmt::join(keys.pairs, ", ")), help);
}

class TextWriter final : public Writer {
 public:
  explicit TextWriter(bool comments) : comments_(comments) {}
  std::string text;

 protected:
  void put(std::string_view name, const std::string& value, std::string_view help) override {
    if (section() != written_) {
      written_ = section();
      text += fmt::format("\n[{}]\n", written_);
    }
    auto line = fmt::format("{} = {}", name, value);
    if (comments_ && !help.empty()) line = fmt::format("{:<40} # {}", line, help);
    text += line + "\n";
  }

 private:
  bool comments_;
  std::string written_;
};

class FlatWriter final : public Writer {
 public:
  std::vector<std::pair<std::string, std::string>> pairs;

 protected:
  void put(std::string_view name, const std::string& value, std::string_view) override {
    const auto prefix = section();
    pairs.emplace_back(prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name), value);
  }
};

}  // namespace

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
    if (!node->is_table()) fail(Fault::usage, "{}: '{}' is {}, not a section", origin, keys[i], type_name(*node));
    table = node->as_table();
  }
  parsed.get("value")->visit([&](auto& node) { table->insert_or_assign(keys.back(), std::move(node)); });
  impl_->overrides[path] = origin;
}

void TomlDocument::read(const std::function<void(Fields&)>& visit) const {
  Reader reader(impl_->table,
                [this](const std::string& path, const toml::node* node) { return impl_->where(path, node); });
  visit(reader);
  reader.refuse_unknown();
}

std::string to_toml(const std::function<void(Fields&)>& visit, bool comments) {
  TextWriter writer(comments);
  visit(writer);
  return writer.text;
}

std::vector<std::pair<std::string, std::string>> flatten(const std::function<void(Fields&)>& visit) {
  FlatWriter writer;
  visit(writer);
  return writer.pairs;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<int>(letter));
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

}  // namespace duet
