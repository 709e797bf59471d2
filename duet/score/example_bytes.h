#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "duet/core/range.h"
#include "duet/core/torch.h"
#include "duet/data/dataset.h"

namespace duet {

/// `count` indices spread over 0 ... size-1 in ascending order, one drawn from each of `count` equal stretches, always
/// the same ones; all of them when count >= size. Not evenly spaced: stored sets have periods. (Every 12th picture of
/// MNIST's training file comes from one of its two groups of writers, and is as far from the next 12th as a mediocre
/// generator.)
std::vector<int64_t> stratified_indices(int64_t size, int64_t count);

/// Examples as 8-bit pictures, uint8 [N,C,H,W]: stored bytes as they are, stored floats clamped to `range` and rounded.
/// Every metric of pictures sees 8 bits, real and generated alike: a metric that compares rounded with unrounded
/// pictures measures the rounding (Parmar et al. 2022, arXiv:2104.11222).
Tensor example_bytes(const Dataset& dataset, std::span<const int64_t> indices, Range range);

}  // namespace duet
