#pragma once

#include "duet/core/torch.h"

namespace duet {

/// What y = leaky(z + bias), z [N,C,...], sends back.
struct LeakyGradient {
  Tensor to_z;
  Tensor to_bias;  ///< float32 [C], undefined where it was not asked for
};

/// From y's gradient and the signs of y, in one pass; slope 1 is no activation at all, and to_z the gradient itself.
/// With gradients enabled it can be differentiated again.
LeakyGradient leaky_gradient(const Tensor& gradient, const Tensor& y, double slope, bool with_bias);

}  // namespace duet
