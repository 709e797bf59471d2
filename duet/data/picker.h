#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

struct PickerOptions {
  uint64_t seed = 0;
  /// "shuffled": each example once per epoch. "balanced": each class equally often, and within a class each example
  /// once before any repeats; needs labels, and is not for endless sets.
  std::string order = "shuffled";
  bool mirror = false;  ///< half of the examples are mirrored left to right
};

/// The example at each position: a pure function of (the set's size and labels, options, position). Paired streams
/// share one picker.
///
/// Threads: any number.
class Picker {
 public:
  /// Throws Error(recipe) for an order that does not fit the set.
  Picker(const Dataset& dataset, PickerOptions options);
  /// The example at `position`, which is at least 0.
  int64_t index_at(int64_t position);
  bool mirrors(int64_t position) const;
  bool mirrors_any() const { return options_.mirror; }
  /// Whether each example occurs once in `size` positions.
  bool covers_each_epoch() const { return class_members_.empty(); }

 private:
  /// The item of `count` at `position`, where each occurs once before any repeats.
  int64_t place(uint64_t stream, int64_t count, int64_t position);

  PickerOptions options_;
  int64_t size_;
  bool endless_;
  std::vector<std::vector<int64_t>> class_members_;  ///< examples of each non-empty class; empty if shuffled
  std::mutex mutex_;
  std::map<uint64_t, std::map<int64_t, std::vector<int64_t>>>
      orders_;  ///< by stream and epoch: the current and its neighbour
};

}  // namespace duet
