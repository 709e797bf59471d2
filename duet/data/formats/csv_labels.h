#pragma once

#include <map>
#include <string>
#include <vector>

#include "duet/data/formats/csv.h"
#include "duet/data/formats/csv_cells.h"

namespace duet {

/// Collects the cells of a label column.
class CsvLabels {
 public:
  /// `file` names the file in messages. Throws Error(data) for an empty cell.
  void add(const Cell& cell, const std::string& file);
  /// Sets labels and classes of `table`: numbers if all are, else names. Throws Error(data) with the place for a number
  /// that is not a class number, for a name among numbers, and if every row has another name.
  void finish(Table& table, const std::string& file, const std::string& column_name) const;

 private:
  struct Seen {
    int index;  ///< in the order of appearance
    size_t line, column;
  };
  std::map<std::string, Seen, std::less<>> seen_;
  std::vector<int> rows_;  ///< index of each row's label
};

}  // namespace duet
