#pragma once

#include <vector>

#include "duet/core/torch.h"
#include "duet/data/dataset.h"

namespace duet {

/// The nearest of other rows to each row.
struct Nearest {
  Tensor index;     ///< int64 [N]
  Tensor distance;  ///< float32 [N]: L2; exactly 0 for an equal row
};

/// Examples as rows of numbers [N,D], float32: pictures as 0..1, vectors as they are.
Tensor plain_rows(const Dataset& dataset, const std::vector<int64_t>& indices);
/// The same for stored examples [N,C,H,W].
Tensor plain_rows(const Tensor& stored);

/// For each of `rows` [N,D] the nearest of `others` [M,D], found by products of matrices and then measured exactly.
Nearest nearest_rows(const Tensor& rows, const Tensor& others);
/// For each of `rows` its nearest other row; needs two rows.
Nearest nearest_among(const Tensor& rows);
/// For each of `rows` the nearest of the first `count` examples of a set, of which some are in memory at a time.
Nearest nearest_examples(const Tensor& rows, const Dataset& dataset, int64_t count);

/// The distance below which 1 % of `distances` [N] are, at least one of them: nearer than that is a near-duplicate.
double near_threshold(const Tensor& distances);
/// Share of `distances` [N] that are below `threshold`, or 0.
double share_near(const Tensor& distances, double threshold);

}  // namespace duet
