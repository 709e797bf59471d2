#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace duet {

/// Lines of unlimited length.
inline constexpr size_t kNoLimit = static_cast<size_t>(-1);

/// One metric of a set of samples.
struct Metric {
  std::string name;                      ///< "kernel_distance"; the same in every report
  double value = 0;                      ///< in nats, shares of 1, or the metric's own unit
  std::optional<double> standard_error;  ///< of the value, if it can be estimated
  std::string better;                    ///< "lower", "higher", or "" for a number to compare others with
  std::string note;                      ///< how to read the number; may be empty
};

/// All metrics of one set of samples.
struct Report {
  Metric primary;                       ///< the metric that decides which checkpoint is best; also in `metrics`
  std::vector<Metric> metrics;          ///< in reading order
  std::vector<std::string> classes;     ///< class (or mode) names; empty if there are none
  std::vector<double> class_share;      ///< share of the samples in each of `classes`
  std::optional<double> outside_share;  ///< share in none of them, where samples can be
  std::string protocol;            ///< how the numbers were computed: two reports are comparable only if it is the same
  int64_t samples = 0;             ///< how many were scored
  std::string origin;              ///< where the samples come from, if known: a checkpoint and its kimg
  std::vector<std::string> notes;  ///< sentences that say why these numbers are uncertain; mostly none

  /// The metric of that name, or null.
  const Metric* find(const std::string& name) const;
};

/// The report as text: name, value, standard error, direction and note in aligned columns; then shares, protocol and
/// notes. Lines longer than `columns` are broken between words.
std::string to_text(const Report& report, size_t columns = kNoLimit);
/// One JSON object: samples, protocol, primary (a name), metrics by name, class_share by class, and notes if there are
/// any. Numbers that are not finite are null.
std::string to_json(const Report& report);

}  // namespace duet
