#pragma once

#include <optional>

#include "duet/core/torch.h"

namespace duet {

/// A value with its standard error.
struct Estimate {
  double value = 0;
  std::optional<double> standard_error;  ///< none when there are too few samples to estimate it
};

/// Similarity of two rows.
enum class Kernel {
  cubic,   ///< (x.y/D + 1)^3: compares moments up to the third (Binkowski et al. 2018, arXiv:1801.01401)
  energy,  ///< -|x-y|: compares whole distributions; the distance is then the energy distance 2E|x-y| - E|x-x'| -
           ///< E|y-y'| (Szekely and Rizzo 2013; as a kernel Sejdinovic et al. 2013, arXiv:1207.6076)
};

/// Squared maximum mean discrepancy of two sets of rows [N,D] and [M,D] over all pairs, unbiased in N and M: about 0
/// for equal distributions, and then below 0 as often as above. With the cubic kernel on network features it is KID;
/// KID's usual average over blocks of 1,000 estimates the same number with more noise, and is wrong when rows are
/// sorted.
///
/// The standard error is that of the delete-a-block jackknife (Quenouille 1956) over random blocks of about 1,000 rows
/// of either set, ten blocks where a set has fewer than 10,000; for equal distributions it tends to be too large.
/// Computed in double, one pair of blocks in memory at a time. Throws Error(data) when a set has fewer than 2 rows.
Estimate kernel_distance(const Tensor& x, const Tensor& y, Kernel kernel = Kernel::cubic);

}  // namespace duet
