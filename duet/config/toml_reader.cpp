#include "duet/config/toml_reader.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/core/nearest.h"

namespace duet {

std::string toml_type_name(const toml::node& node) {
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

std::string toml_value_text(const toml::node& node) {
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

namespace {

/// Everything is computed in float32: a larger number would become infinite.
bool is_finite(double value) { return std::isfinite(static_cast<float>(value)); }

std::string interval(Limits limits, double value) {
  const bool low = std::isfinite(limits.low), high = std::isfinite(limits.high);
  if (low && high) return fmt::format("expected {} to {}", limits.low, limits.high);
  const auto finite = is_finite(value) ? "" : "a finite number of ";
  if (low) return fmt::format("expected {}at least {}", finite, limits.low);
  return high ? fmt::format("expected {}at most {}", finite, limits.high)
              : "expected a finite number, as float32 has it";
}

bool outside(double value, Limits limits) {
  return !is_finite(value) || !(value >= limits.low && value <= limits.high);
}

class Reader final : public Fields {
 public:
  Reader(const toml::table& root, TomlPlace where, TomlPasses passes, TomlRenamed renamed)
      : where_(std::move(where)), passes_(std::move(passes)), renamed_(std::move(renamed)) {
    stack_.push_back({&root, "", {}, {}});
  }

  void renamed(std::string_view former, std::string_view name) override {
    auto& level = stack_.back();
    const auto* node = level.table ? level.table->get(former) : nullptr;
    if (!node) return;
    level.former[std::string(name)] = former;
    const auto* now = level.table->get(name);
    if (!now) return renamed_(path(former), *node, std::string(name));
    // An override of the new key wins over a former key in the text.
    if (!where_(path(name), now).starts_with("--set ") || where_(path(former), node).starts_with("--set "))
      fail(Fault::recipe, "{}: '{}' is called '{}' now, and {} is set, too; expected one of them; leave out '{}'",
           where_(path(former), node), former, name, path(name), former);
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
    }
    const auto name_of_it = stack_.back().path, place = where_(path(""), node);
    close_section();
    for (const auto& shape : schedule_shapes())
      for (const auto& key : shape.needs)
        if (shape.name == value.shape && !node->as_table()->contains(key))
          fail(Fault::recipe, "{}: {} has no '{}', which a schedule of shape {} needs, as in {}", place, name_of_it,
               key, shape.name, shape.example);
    if (value.values.size() != value.at_times.size())
      fail(Fault::recipe, "{}: {} has {} values but {} times; expected equally many", place, name_of_it,
           value.values.size(), value.at_times.size());
    if (value.end < value.start && (value.shape == "linear" || value.shape == "cosine"))
      fail(Fault::recipe, "{}: {} ends at {:g}, before its start at {:g}; expected an end after the start", place,
           name_of_it, value.end, value.start);
  }

  /// Throws for a key of the innermost open table that no field read.
  void refuse_unknown() const {
    const auto& level = stack_.back();
    if (!level.table) return;
    for (const auto& [key, node] : *level.table) {
      const std::string name(key.str());
      if (std::find(level.known.begin(), level.known.end(), name) != level.known.end()) continue;
      if (std::any_of(level.former.begin(), level.former.end(), [&](const auto& f) { return f.second == name; }))
        continue;
      if (passes_(path(name), node)) continue;
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
    stack_.push_back({node ? node->as_table() : nullptr, path(name), {}, {}});
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
    std::map<std::string, std::string, std::less<>> former;  // by the new name: the former name that the table has
  };

  std::string path(std::string_view name) const {
    const auto& section = stack_.back().path;
    return section.empty() ? std::string(name) : fmt::format("{}{}{}", section, name.empty() ? "" : ".", name);
  }
  const toml::node* find(std::string_view name) {
    auto& level = stack_.back();
    level.known.emplace_back(name);
    if (!level.table) return nullptr;
    const auto former = level.former.find(name);
    return former == level.former.end() || level.table->contains(name) ? level.table->get(name)
                                                                       : level.table->get(former->second);
  }
  [[noreturn]] void wrong_type(std::string_view name, const toml::node& node, std::string_view expected) const {
    fail(Fault::recipe, "{}: {} is {} ({}); expected {}", where_(path(name), &node), path(name), toml_type_name(node),
         toml_value_text(node), expected);
  }
  int64_t whole(std::string_view name, const toml::node& node, Limits limits) const {
    if (!node.is_integer()) wrong_type(name, node, "a whole number");
    const int64_t value = node.as_integer()->get();
    if (outside(static_cast<double>(value), limits))
      fail(Fault::recipe, "{}: {} = {} is out of range; {}", where_(path(name), &node), path(name), value,
           interval(limits, static_cast<double>(value)));
    return value;
  }
  double real_of(std::string_view name, const toml::node& node, Limits limits,
                 std::string_view expected = "a number") const {
    if (!node.is_number()) wrong_type(name, node, expected);
    const double value = *node.value<double>();
    if (outside(value, limits))
      fail(Fault::recipe, "{}: {} = {} is out of range; {}", where_(path(name), &node), path(name), value,
           interval(limits, value));
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

  TomlPlace where_;
  TomlPasses passes_;
  TomlRenamed renamed_;
  std::vector<Level> stack_;
};

}  // namespace

void read_toml(const toml::table& root, const TomlPlace& where, const TomlPasses& passes, const TomlRenamed& renamed,
               const std::function<void(Fields&)>& visit) {
  Reader reader(root, where, passes, renamed);
  visit(reader);
  reader.refuse_unknown();
}

}  // namespace duet
