#pragma once

#include "duet/core/torch.h"

namespace duet {

/// First two moments of a set of feature rows.
struct Moments {
  Tensor mean;        ///< float64 [D]
  Tensor covariance;  ///< float64 [D,D], divided by N-1
  int64_t count = 0;  ///< N
};

/// Moments of rows [N,D] of any floating type, computed in double. Throws Error(data) when N < 2.
Moments moments_of(const Tensor& rows);

/// m1-m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^1/2), the squared 2-Wasserstein distance of two Gaussians with these moments
/// (Frechet 1957; used on features by Heusel et al. 2017, arXiv:1706.08500). The trace of the root is computed as the
/// sum of the roots of the eigenvalues of the symmetric S1^1/2 S2 S1^1/2: always real, and the result is never
/// negative. Biased upwards at small N: compare only numbers of the same N. Throws Error(internal) when the sizes
/// differ.
double frechet_distance(const Moments& a, const Moments& b);

}  // namespace duet
