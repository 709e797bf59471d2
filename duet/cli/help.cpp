#include "duet/cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "duet/core/columns.h"

namespace duet {
namespace {

constexpr size_t kNameColumns = 30;  ///< column where descriptions begin
constexpr size_t kLeastBeside = 50;  ///< with fewer columns they are below the names

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

/// A name and its description.
std::string entry(const std::string& name, const std::string& description, size_t columns) {
  const bool below = columns < kLeastBeside || columns_of(name) + 3 > kNameColumns;
  const std::string indent(columns < kLeastBeside ? 6 : kNameColumns, ' ');
  if (below) return fmt::format("  {}\n{}", name, wrapped(description, {columns, indent, indent}));
  return wrapped(description, {columns, padded("  " + name, kNameColumns), indent});
}

/// A validator's constraint in words: "one of slerp, linear", "1 to 1024". Empty if the description already names
/// everything.
std::string allowed(const std::string& constraint, const std::string& description) {
  if (constraint.starts_with("in [") && constraint.ends_with("]")) {
    auto range = constraint.substr(4, constraint.size() - 5);
    return range.replace(range.find(" - "), 3, " to ");
  }
  if (!constraint.starts_with("{") || !constraint.ends_with("}")) return "";
  const auto names = split(constraint.substr(1, constraint.size() - 2), ',');
  const bool named = std::all_of(names.begin(), names.end(),
                                 [&](const std::string& name) { return description.find(name) != std::string::npos; });
  return named ? "" : fmt::format("one of {}", fmt::join(names, ", "));
}

/// A footer: paragraphs are wrapped, commands (which are indented) are continued with a backslash.
std::string footer_text(const std::string& footer, size_t columns) {
  std::string out, paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) out += wrapped(paragraph, {columns});
    paragraph.clear();
  };
  for (const auto& line : split(footer, '\n')) {
    if (!line.empty() && line.front() != ' ') {
      paragraph += (paragraph.empty() ? "" : " ") + line;
      continue;
    }
    end_paragraph();
    out += line.empty() ? "\n" : wrapped(line.substr(2), {columns, "  ", "    ", " \\"});
  }
  end_paragraph();
  return out;
}

class Help final : public CLI::Formatter {
 public:
  explicit Help(size_t columns) : columns_(columns) {}

  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    const auto type = option->get_type_name();
    const auto colon = type.find(':');
    auto name = make_option_name(option, is_positional);
    if (const auto kind = type.substr(0, colon); !kind.empty()) name += " " + kind;
    if (option->get_expected_max() > 1) name += " ...";
    if (option->get_required()) name += " REQUIRED";
    auto description = option->get_description();
    if (const auto values = colon == std::string::npos ? "" : allowed(type.substr(colon + 1), description);
        !values.empty())
      description += "; " + values;
    if (const auto& excluded = option->get_excludes(); !excluded.empty()) {
      std::vector<std::string> names;
      for (const auto* other : excluded) names.push_back(other->get_name());
      std::sort(names.begin(), names.end());
      description += fmt::format("; not with {}", fmt::join(names, ", "));
    }
    return entry(name, description, columns_);
  }

  std::string make_subcommand(const CLI::App* verb) const override {
    return entry(verb->get_name(), verb->get_description(), columns_);
  }

  std::string make_description(const CLI::App* app) const override {
    std::string out;
    for (const auto& line : split(app->get_description(), '\n')) out += wrapped(line, {columns_});
    return out;
  }

  std::string make_footer(const CLI::App* app) const override { return footer_text(app->get_footer(), columns_); }

 private:
  size_t columns_;
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter(size_t columns) { return std::make_shared<Help>(columns); }

}  // namespace duet
