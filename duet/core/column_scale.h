#pragma once

#include <vector>

namespace duet {

/// Standardisation of the columns of vectors: networks see (value - mean) / deviation. Empty: not standardised. A
/// column with deviation 0 is constant: networks see 0, and samples get its mean.
struct ColumnScale {
  std::vector<double> mean;
  std::vector<double> deviation;
  bool empty() const { return mean.empty(); }
  bool operator==(const ColumnScale&) const = default;
};

}  // namespace duet
