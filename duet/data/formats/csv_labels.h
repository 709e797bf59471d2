#pragma once

#include <map>
#include <string>
#include <vector>

#include "duet/data/formats/csv.h"
#include "duet/data/formats/csv_cells.h"

namespace duet {

/// The cells of a label column, as they come.
class CsvLabels {
 public:
  /// `file` names the file in messages. Throws Error(data) for an empty cell.
  void add(const Cell& cell, const std::string& file);
  /// Labels and classes of `table`: numbers where all are, else names. Throws Error(data) with the place of a number
  /// that is none of a class, of a name among numbers, and where every row has another name.
  void finish(Table& table, const std::string& file, const std::string& column_name) const;

 private:
  struct Seen {
    int index;  ///< in the order of appearance
    size_t line, column;
  };
  std::map<std::string, Seen, std::less<>> seen_;
  std::vector<int> rows_;  ///< an index for each
};

}  // namespace duet
