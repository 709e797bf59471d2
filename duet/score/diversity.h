#pragma once

#include <optional>
#include <vector>

#include "duet/core/torch.h"
#include "duet/score/kernel_distance.h"

namespace duet {

/// Distances between examples of the same class.
struct Spread {
  std::vector<Estimate> distance;  ///< mean |x - x'| over all pairs of different rows, by class
  std::vector<int64_t> count;      ///< rows of each class
};

/// `rows` [N,D]; `classes` int64 [N] in 0 ... class_count-1, or undefined if all are of one class. The mean is over
/// pairs of different rows, so its expectation does not depend on their number; its standard error is that of the
/// delete-one jackknife, none below three rows. Computed in double, one pair of blocks in memory at a time.
Spread spread_of(const Tensor& rows, const Tensor& classes = {}, int64_t class_count = 1);

/// Classes with fewer examples than this, generated or real, are left out.
constexpr int64_t kLeastOfClass = 5;

/// How varied samples are, compared with real examples. Metrics of single samples cannot show it: a thousand copies of
/// one good picture all look real.
struct Diversity {
  /// The mean distance of a sample to the others of its class, divided by that of real examples of the class: 1 for
  /// samples as varied as real ones, 0 where all of a class are one picture, (k-1)/k where a class has only k pictures;
  /// above 1 for samples too far apart, such as noise.
  Estimate relative;
  double worst = 1;          ///< the same in the class where it is lowest
  int64_t worst_class = -1;  ///< that class
};

/// None if classes with enough examples on both sides, and with real ones that differ, have less than half of the
/// samples.
std::optional<Diversity> diversity_of(const Spread& samples, const Spread& real);

}  // namespace duet
