#include "duet/data/formats/csv_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace duet {
namespace {

float at(const Table& table, int64_t row, int64_t column) {
  return table.numbers[static_cast<size_t>(row * table.columns + column)];
}

/// Counts the rows: 0, 1, 2 ... or 1000, 1001, 1002 ...
bool counts_rows(const Table& table, int64_t column) {
  const float first = at(table, 0, column);
  if (first != std::floor(first)) return false;
  for (int64_t row = 1; row < table.rows; ++row)
    if (at(table, row, column) != first + static_cast<float>(row)) return false;
  return true;
}

bool has_no_name(const Table& table, int64_t column) {
  if (table.names.empty()) return false;
  const auto& name = table.names[static_cast<size_t>(column)];
  return name.empty() || name.starts_with("Unnamed:");
}

void remove(Table& table, int64_t column) {
  size_t to = 0;
  for (size_t from = 0; from < table.numbers.size(); ++from)
    if (static_cast<int64_t>(from) % table.columns != column) table.numbers[to++] = table.numbers[from];
  table.numbers.resize(to);
  table.names.erase(table.names.begin() + column);
  --table.columns;
}

void find_counting_columns(Table& table) {
  constexpr int64_t kSure = 20;
  if (table.rows < 2) return;
  for (int64_t column = table.columns - 1; column >= 0; --column) {
    if (!counts_rows(table, column)) continue;
    const float first = at(table, 0, column);
    if (has_no_name(table, column) && table.columns > 1 && (first == 0 || first == 1)) {
      table.reading.push_back(fmt::format(
          "left out: column {}, which has no name and counts the rows, as pandas writes its index", column + 1));
      remove(table, column);
    } else if (table.rows >= kSure) {
      table.doubts.push_back(
          {"index_column", fmt::format("{} counts the rows ({}, {}, ...) and would be learned like a measurement. "
                                       "Leave it out if it is a row number (pandas: to_csv(..., index=False)).",
                                       column_name(table, column), first, at(table, 1, column))});
    }
  }
}

bool all_whole(const Table& table, int64_t first_row) {
  return std::all_of(table.numbers.begin() + static_cast<ptrdiff_t>(first_row * table.columns), table.numbers.end(),
                     [](float value) { return value == std::floor(value); });
}

/// 0, 1, ..., n-1 (pandas' default names), 1 ... n, or years.
bool looks_like_names(const Table& table) {
  if (table.columns < 2 || table.rows < 2) return false;
  const float first = at(table, 0, 0);
  bool consecutive = true, years = true;
  for (int64_t column = 0; column < table.columns; ++column) {
    const float value = at(table, 0, column);
    consecutive = consecutive && value == first + static_cast<float>(column);
    years = years && value == std::floor(value) && value >= 1800 && value <= 2200 &&
            (column == 0 || value > at(table, 0, column - 1));
  }
  if (!years && !(consecutive && (first == 0 || first == 1))) return false;
  // Among integers a short row like this may well be data.
  constexpr int64_t kLong = 4;
  return years ? true : !all_whole(table, 1) || table.columns >= kLong;
}

}  // namespace

std::string column_name(const Table& table, int64_t column) {
  if (table.names.empty() || table.names[static_cast<size_t>(column)].empty())
    return fmt::format("Column {}", column + 1);
  return fmt::format("Column {} ('{}')", column + 1, table.names[static_cast<size_t>(column)]);
}

void tidy_columns(Table& table, size_t first_line) {
  if (first_line > 0 && looks_like_names(table)) {
    std::vector<float> some;
    for (int64_t column = 0; column < std::min<int64_t>(table.columns, 4); ++column)
      some.push_back(at(table, 0, column));
    table.doubts.push_back(
        {"numeric_header",
         fmt::format(
             "The first line ({}{}) looks like names of columns, but is read as a row of data, because it is "
             "of numbers. If it is names, write some with letters (pandas: df.columns = [...]), or leave the line "
             "out (header=False).",
             fmt::join(some, ", "), table.columns > 4 ? ", ..." : "")});
  }
  find_counting_columns(table);
}

}  // namespace duet
