#pragma once

#include <vector>

namespace duet {

/// How the columns of vectors are moved while a network sees them: (number - mean) / deviation. Empty: not at all.
/// A column with deviation 0 never changes: networks see 0, and samples get its mean.
struct ColumnScale {
  std::vector<double> mean;
  std::vector<double> deviation;
  bool empty() const { return mean.empty(); }
  bool operator==(const ColumnScale&) const = default;
};

}  // namespace duet
