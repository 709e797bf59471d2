#pragma once

#include <string>
#include <vector>

namespace duet {

/// A number of a report as `duet list metrics` shows it.
struct MetricEntry {
  std::string name;    ///< as in Metric
  std::string line;    ///< what it measures
  std::string better;  ///< as in Metric
  std::string paper;   ///< empty where it is plain counting
};

/// Every number that a report may hold.
const std::vector<MetricEntry>& metric_entries();

}  // namespace duet
