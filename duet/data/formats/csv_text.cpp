#include "duet/data/formats/csv_text.h"

#include <fmt/format.h>

#include <iterator>

namespace duet {
namespace {

/// A cell, quoted where necessary.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted.append(letter == '"' ? 2 : 1, letter);
  return quoted + '"';
}

}  // namespace

std::string csv_text(const CsvTable& table) {
  std::string text;
  const auto columns = static_cast<size_t>(table.columns);
  for (size_t i = 0; i < columns; ++i) {
    const bool named = i < table.names.size() && !table.names[i].empty();
    text += (i ? "," : "") + (named ? cell(table.names[i]) : fmt::format("x{}", i + 1));
  }
  text += table.labels.empty() ? "\n" : ",label\n";
  for (size_t row = 0; row < table.numbers.size() / columns; ++row) {
    for (size_t i = 0; i < columns; ++i)
      fmt::format_to(std::back_inserter(text), "{}{}", i ? "," : "", table.numbers[row * columns + i]);
    if (!table.labels.empty()) text += "," + cell(table.classes[static_cast<size_t>(table.labels[row])]);
    text += '\n';
  }
  return text;
}

}  // namespace duet
