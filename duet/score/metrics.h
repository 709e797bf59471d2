#pragma once

#include <string>
#include <vector>

namespace duet {

/// A metric, as `duet list metrics` shows it.
struct MetricEntry {
  std::string name;    ///< as in Metric
  std::string line;    ///< what it measures
  std::string better;  ///< as in Metric
  std::string paper;   ///< empty for plain counting
};

/// All metrics that a report may contain.
const std::vector<MetricEntry>& metric_entries();

}  // namespace duet
