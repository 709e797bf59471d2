#pragma once

#include <optional>
#include <vector>

#include "duet/core/torch.h"
#include "duet/score/kernel_distance.h"

namespace duet {

/// How far apart examples of one class are.
struct Spread {
  std::vector<Estimate> distance;  ///< mean |x - x'| over all pairs of different rows, by class
  std::vector<int64_t> count;      ///< rows of each class
};

/// `rows` [N,D]; `classes` int64 [N] in 0 ... class_count-1, or undefined where all are of one class. The mean is over
/// pairs of different rows, so it does not depend on their number; its standard error is that of the delete-one
/// jackknife, none below three rows. Computed in double, one pair of blocks in memory at a time.
Spread spread_of(const Tensor& rows, const Tensor& classes = {}, int64_t class_count = 1);

/// Classes with fewer examples than this, generated or real, are left out.
constexpr int64_t kLeastOfClass = 5;

/// How varied samples are beside real examples: what a share of samples that look right cannot tell, since a thousand
/// copies of one good picture look right.
struct Diversity {
  /// For an average sample, the distance to the others of its class as a multiple of what real examples of that class
  /// have: 1 for samples as varied as real ones, 0 where all of a class are one picture, (k-1)/k where a class has k
  /// pictures only; above 1 for samples too far apart, such as noise.
  Estimate relative;
  double worst = 1;          ///< the same in the class where it is lowest
  int64_t worst_class = -1;  ///< that class
};

/// None where the classes with enough examples on both sides, and real ones that differ, have less than half of the
/// samples.
std::optional<Diversity> diversity_of(const Spread& samples, const Spread& real);

}  // namespace duet
