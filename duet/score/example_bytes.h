#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "duet/core/range.h"
#include "duet/core/torch.h"
#include "duet/data/dataset.h"

namespace duet {

/// `count` indices spread over 0 ... size-1 in ascending order: one drawn from each of `count` equal intervals, always
/// the same ones; all indices when count >= size. They are not equidistant, because stored sets have periods: every
/// 12th picture of MNIST's training file comes from one of its two groups of writers, and is as far from the next 12th
/// as samples of a mediocre generator.
std::vector<int64_t> stratified_indices(int64_t size, int64_t count);

/// Examples as 8-bit pictures, uint8 [N,C,H,W]: stored bytes unchanged, stored floats clamped to `range` and rounded.
/// All metrics of pictures use 8 bits, for real and generated ones: comparing rounded with unrounded pictures would
/// measure the rounding (Parmar et al. 2022, arXiv:2104.11222).
Tensor example_bytes(const Dataset& dataset, std::span<const int64_t> indices, Range range);

}  // namespace duet
