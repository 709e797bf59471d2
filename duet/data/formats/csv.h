#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// A table of numbers.
struct Table {
  int64_t rows = 0;
  int64_t columns = 0;               ///< numbers of a row, without the label
  std::vector<float> numbers;        ///< rows * columns, row by row
  std::vector<int> labels;           ///< one per row, or empty
  std::vector<std::string> classes;  ///< in label order; empty without labels
  std::vector<std::string> names;    ///< of the columns; empty if the file has none
  std::vector<std::string> reading;  ///< see DatasetInfo
  std::vector<Finding> doubts;       ///< see DatasetInfo
};

/// Reads a table of finite numbers from text, or gzipped text (see CsvCells for its syntax; the delimiter is detected,
/// and with ; decimals may have a comma).
/// - A first line with text is the header with the names of the columns.
/// - The column named label, class, y or target (at most one, in upper or lower case; y beside x is a coordinate) holds
///   class numbers from 0 to 65535, or names, which are numbered in alphabetical order.
/// - An unnamed column that counts the rows, as pandas writes its index, is ignored.
/// Throws Error(data) with file:line:col for rows of unequal length, cells that are not numbers, and bad labels.
Table read_csv(const std::filesystem::path& path);

}  // namespace duet
