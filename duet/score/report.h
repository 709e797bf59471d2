#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace duet {

/// Lines of any length.
inline constexpr size_t kNoLimit = static_cast<size_t>(-1);

/// One number about samples.
struct Metric {
  std::string name;                      ///< "kernel_distance"; the same in every report
  double value = 0;                      ///< in nats, shares of 1, or the metric's own unit
  std::optional<double> standard_error;  ///< of the value, where it can be told
  std::string better;                    ///< "lower", "higher", or "" for a number to compare with
  std::string note;                      ///< what a reader must know to use the number; may be empty
};

/// Everything measured on one set of samples.
struct Report {
  Metric primary;                    ///< the one number that decides; also among `metrics`
  std::vector<Metric> metrics;       ///< in reading order
  std::vector<std::string> classes;  ///< class (or mode) names; empty where there are none
  std::vector<double> class_share;   ///< share of the samples in each of `classes`
  std::string protocol;              ///< how the numbers were made: two reports compare only where it agrees
  int64_t samples = 0;               ///< how many were scored
  std::string origin;                ///< what made them, where it is known: a checkpoint and its kimg
  std::vector<std::string> notes;    ///< whole sentences about what makes these numbers unsure; mostly none

  /// The metric of that name, or null.
  const Metric* find(const std::string& name) const;
};

/// Lines of aligned columns for people: name, value, standard error, direction, note; then shares; the protocol; notes.
/// What is longer than `columns` is broken between words.
std::string to_text(const Report& report, size_t columns = kNoLimit);
/// One JSON object: samples, protocol, primary (a name), metrics by name, class_share by class, notes where there are
/// any. Not finite is null.
std::string to_json(const Report& report);

}  // namespace duet
