#include "duet/data/formats/csv_labels.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/data/formats/array.h"
#include "duet/data/formats/csv_number.h"

namespace duet {

void CsvLabels::add(const Cell& cell, const std::string& file) {
  if (cell.text.empty())
    fail(Fault::data, "{}:{}:{}: an empty label; expected a class number or name; fill it in, or leave the row out",
         file, cell.line, cell.column);
  auto found = seen_.find(cell.text);
  if (found == seen_.end())
    found = seen_.emplace(cell.text, Seen{static_cast<int>(seen_.size()), cell.line, cell.column}).first;
  rows_.push_back(found->second.index);
}

void CsvLabels::finish(Table& table, const std::string& file, const std::string& column_name) const {
  constexpr size_t kMany = 20, kMostClasses = 65536;
  const auto refuse = [&](const std::string& text, const Seen& seen, const std::string& what) {
    fail(Fault::data, "{}:{}:{}: label '{}'{}", file, seen.line, seen.column, text.substr(0, 40), what);
  };
  const auto numbers = static_cast<size_t>(
      std::count_if(seen_.begin(), seen_.end(), [](const auto& entry) { return csv_number(entry.first).has_value(); }));
  // From the order of appearance to class numbers.
  std::vector<int> label_of(seen_.size());
  if (numbers == 0) {
    if (seen_.size() > kMostClasses || (seen_.size() == rows_.size() && rows_.size() > kMany))
      fail(Fault::data,
           "{}: column '{}' has {} different texts in {} rows; expected names of classes, which repeat; rename the "
           "column "
           "or leave it out",
           file, column_name, seen_.size(), rows_.size());
    for (const auto& [text, seen] : seen_) {
      label_of[static_cast<size_t>(seen.index)] = static_cast<int>(table.classes.size());
      table.classes.push_back(text);
    }
  } else {
    for (const auto& [text, seen] : seen_) {
      const auto value = csv_number(text);
      if (!value) refuse(text, seen, " is text where others are numbers; expected all numbers or all names");
      if (!(*value >= 0 && *value <= 65535 && *value == std::floor(*value)))
        refuse(text, seen,
               "; expected a class number from 0 to 65535, or names; rename the column if it is not a class");
      label_of[static_cast<size_t>(seen.index)] = static_cast<int>(*value);
    }
  }
  for (const int row : rows_) table.labels.push_back(label_of[static_cast<size_t>(row)]);
  if (numbers > 0) table.classes = number_classes(table.labels);
}

}  // namespace duet
