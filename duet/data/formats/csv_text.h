#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// What a table is written of.
struct CsvTable {
  std::vector<std::string> names;  ///< of the columns; empty: x1, x2, ...
  int64_t columns = 0;
  std::span<const float> numbers;    ///< row by row
  std::span<const int64_t> labels;   ///< one per row, or empty
  std::vector<std::string> classes;  ///< what labels are written as
};

/// RFC 4180 text with a first line of names; labels stand in a last column "label". Reading the numbers back gives the
/// same floats.
std::string csv_text(const CsvTable& table);

}  // namespace duet
