#pragma once

#include "duet/core/torch.h"

namespace duet {

/// Transposed convolution as what it is, the adjoint of convolution: x [N,C,H,W], weight [C,D,k,k] -> [N,D,H',W'] with
/// H' = (H - 1) stride - 2 padding + k + output_padding. LibTorch 1.13 computes its own example by example with small
/// matrix products; the data gradient of a convolution is the same map, in one call of oneDNN. Differentiable, twice.
Tensor conv_transpose(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding,
                      int64_t output_padding);

}  // namespace duet
