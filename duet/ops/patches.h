#pragma once

#include "duet/ops/convolution.h"

namespace duet {

/// What the window sees at each of its places, one row each: [N * h * w, k * l * C] of a channels-last bfloat16 picture
/// [N,C,H,W], with zeros outside of it; a row's numbers are in the order kernel row, kernel column, channel.
Tensor gather_patches(const Tensor& picture, const Window& window);

/// The adjoint: writes into the channels-last float32 or bfloat16 picture, at each place, the sum of what float32
/// patches have for it.
void add_up_patches(const Tensor& patches, const Window& window, const Tensor& picture);

}  // namespace duet
