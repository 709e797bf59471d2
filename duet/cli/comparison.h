#pragma once

#include "duet/cli/run_groups.h"
#include "duet/picture/image.h"

namespace duet {

/// What of some groups is compared.
struct Comparison {
  std::vector<RunGroup> groups;
  std::string which = "best";          ///< the score of each run: "best" or "last"
  std::vector<std::string> metrics{};  ///< in the order of the reports
};

/// Compares `metrics`, or if that is empty all of which lower or higher values are better. Throws Error(usage) for a
/// metric that no run has.
Comparison compare(std::vector<RunGroup> groups, const std::string& which, std::vector<std::string> metrics);

/// What makes the numbers uncertain, or not comparable, as sentences: different protocols, unfinished runs, few runs.
std::vector<std::string> doubts_of(const Comparison& comparison);

/// For each metric a block with each group's mean, standard deviation, lowest and highest value, and from the second
/// group on the p-value of its difference from the first (permutation_p_value).
std::string to_text(const Comparison& comparison, size_t columns);
std::string to_json(const Comparison& comparison);

/// The metrics over kimg, a chart for each, with a line for each group: the mean, within a band of one deviation.
Image curves_of(const Comparison& comparison);

}  // namespace duet
