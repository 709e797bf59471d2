#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// Content of a table to write.
struct CsvTable {
  std::vector<std::string> names;  ///< of the columns; empty: x1, x2, ...
  int64_t columns = 0;
  std::span<const float> numbers;    ///< row by row
  std::span<const int64_t> labels;   ///< one per row, or empty
  std::vector<std::string> classes;  ///< names with which labels are written
};

/// RFC 4180 text with a header; labels are in a last column "label". Reading the numbers back gives the same floats.
std::string csv_text(const CsvTable& table);

}  // namespace duet
