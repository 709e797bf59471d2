#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace duet {

/// Progress of a run, for numbers that change over time.
struct Clock {
  double kimg = 0;      ///< thousands of real images seen
  int64_t updates = 0;  ///< updates made by the player whose number it is
  double epoch = 0;     ///< passes over the training set; always 0 for an endless set
};

/// A shape of schedules: name, description, required keys, and an example.
struct ScheduleShape {
  std::string name, line;
  std::vector<std::string> needs;
  std::string example;
};
const std::vector<ScheduleShape>& schedule_shapes();

/// A number that changes over time. In a recipe either a plain number or a table:
///   {shape = "linear", from = 0.5, to = 0.7, start = 1, end = 250, unit = "epoch"}
struct Schedule {
  /// constant     from
  /// linear       from -> to between start and end, flat outside
  /// cosine       the same along half a cosine
  /// exponential  max(floor, from / divide^(t - start)) for t > start (Goodfellow et al.'s decay per update)
  /// inverse      from / (1 + decay * t) (Keras' decay)
  /// steps        values[i] from at[i] on, `from` before
  std::string shape = "constant";
  double from = 0;
  double to = 0;
  double start = 0;
  double end = 0;
  double divide = 1;
  double floor = 0;
  double decay = 0;
  std::string unit = "kimg";  ///< "kimg", "update" (of the player) or "epoch"
  std::vector<double> values;
  std::vector<double> at_times;

  Schedule() = default;
  Schedule(double value) : from(value) {}  // implicit: a number is a constant schedule

  double at(const Clock& clock) const;
  bool is_constant() const { return shape == "constant"; }
  /// True when the value is always zero: the feature is off.
  bool is_off() const { return is_constant() && from == 0; }
  /// Smallest and largest value the schedule can take, for range checks.
  double lowest() const;
  double highest() const;
};

}  // namespace duet
