#pragma once

#include "duet/core/torch.h"

namespace duet {

/// x in another type, float32 or bfloat16, with its layout; x itself where it is of that type. Differentiable any
/// number of times. On a CPU in one pass of all threads: LibTorch 1.13 rounds number by number.
Tensor converted(const Tensor& x, torch::ScalarType type);

}  // namespace duet
