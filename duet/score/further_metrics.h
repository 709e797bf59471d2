#pragma once

#include <functional>
#include <string>
#include <vector>

#include "duet/data/split.h"
#include "duet/score/nearest.h"
#include "duet/score/report.h"

namespace duet {

/// Names of the metrics that `duet score --metrics` computes beside the usual ones.
const std::vector<std::string>& further_metrics();

/// What the further metrics are computed from.
struct FurtherInput {
  Split split;    ///< real examples
  Tensor rows;    ///< samples as plain_rows [N,D], not rounded
  Tensor labels;  ///< the classes requested of them, int64 [N]; undefined without
  /// Called with what begins whenever something may take seconds; may be empty.
  std::function<void(const std::string&)> phase;
};

/// Options of add_parzen.
struct ParzenOptions {
  int64_t folds = 0;  ///< cuts the examples reported on into so many folds, each with a sigma of its own; 0: none
  /// Makes further samples, `count` from number `first` on, until the samples' own error is at most `error` nats or
  /// there are 30 times as many; empty: the given samples alone.
  std::function<Tensor(int64_t first, int64_t count)> more;
  double error = 0;
};

/// Adds parzen, its sigma and ceiling, and its value for training examples and centroids of k-means in place of
/// samples; with labels parzen_by_class, each example under the samples of its own class. Sigma is chosen on the first
/// 1,000 held-out examples and the official test part is scored; without a test part on one half of the held-out
/// examples, and the other half is scored. Throws Error(data) without enough of them.
void add_parzen(Report& report, const FurtherInput& input, const ParzenOptions& options);

/// Adds copies, near_copies and train_distance: whether samples repeat training examples. Returns the nearest training
/// example of each sample. Throws Error(data) without held-out examples to compare with.
Nearest add_nearest(Report& report, const FurtherInput& input);

}  // namespace duet
