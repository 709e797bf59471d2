#pragma once

#include <span>
#include <string>
#include <vector>

namespace duet {

/// Multiples of 1, 2 or 5 times a power of ten within [low, high], with the finest step that makes at most `most`
/// intervals: (0, 97) gives 0, 20, 40, 60, 80. Empty unless low < high and both are finite.
std::vector<double> nice_ticks(double low, double high, int most = 6);

/// Ticks for a logarithmic axis, 0 < low < high: powers of ten, at most `most` + 1 of them; over a few decades also
/// their multiples by 2 and 5; over less than a decade nice_ticks.
std::vector<double> log_ticks(double low, double high, int most = 6);

/// Short labels in one style for all ticks of an axis: "0.25", "2000", or "2e6" where plain numbers would exceed six
/// characters. As many digits as needed to distinguish neighbours.
std::vector<std::string> tick_labels(std::span<const double> ticks);

}  // namespace duet
