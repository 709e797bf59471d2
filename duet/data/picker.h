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
  /// "shuffled": each example once per epoch. "balanced": each class equally often, of a class each example once before
  /// any comes again; needs labels, and not for endless sets.
  std::string order = "shuffled";
  bool mirror = false;  ///< half of the examples are mirrored left to right
};

/// Which example comes at which position: a pure function of (the set's size and labels, options, position). Streams
/// that are paired by index share one.
///
/// Threads: any number.
class Picker {
 public:
  /// Throws Error(recipe) for an order that does not suit the set.
  Picker(const Dataset& dataset, PickerOptions options);
  /// Example at `position`, at least 0.
  int64_t index_at(int64_t position);
  bool mirrors(int64_t position) const;
  bool mirrors_any() const { return options_.mirror; }
  /// Whether each example comes once in `size` positions.
  bool covers_each_epoch() const { return class_members_.empty(); }

 private:
  /// Which of `count` things comes at `position`, where each comes once before any comes again.
  int64_t place(uint64_t stream, int64_t count, int64_t position);

  PickerOptions options_;
  int64_t size_;
  bool endless_;
  std::vector<std::vector<int64_t>> class_members_;  ///< examples of each class that has any; empty where shuffled
  std::mutex mutex_;
  std::map<uint64_t, std::map<int64_t, std::vector<int64_t>>>
      orders_;  ///< by stream and epoch: the current and its neighbour
};

}  // namespace duet
