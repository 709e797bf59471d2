#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace duet {

/// A table of numbers.
struct Table {
  int64_t rows = 0;
  int64_t columns = 0;         ///< numbers of a row, without the label
  std::vector<float> numbers;  ///< rows * columns, row by row
  std::vector<int> labels;     ///< one per row, or empty
};

/// Reads comma-separated finite numbers. A first line with text is the header; the column it names label, class, y or
/// target (at most one of them, in any case) holds class numbers from 0 to 65535. Blank lines are skipped.
/// Throws Error(data) with file:line:col for rows of unequal length, cells that are no number, and bad labels.
Table read_csv(const std::filesystem::path& path);

}  // namespace duet
