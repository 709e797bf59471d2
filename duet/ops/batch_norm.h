#pragma once

#include "duet/core/torch.h"

namespace duet {

/// What a batch norm keeps between steps. Undefined tensors: nothing is kept.
struct RunningStatistics {
  Tensor mean, variance;  ///< float32 [C], moved by `momentum` towards the batch's (variance unbiased)
  double momentum = 0.1;
};

/// leaky((x - mean) / sqrt(variance + eps) * scale + shift) with mean and variance of the batch, over all but dimension
/// 1 (Ioffe & Szegedy 2015, arXiv:1502.03167); leaky(v) is v above 0 and slope * v below: slope 1 leaves it out.
/// Each of `groups` equal runs of examples has mean and variance of its own, and moves the running ones in its turn.
/// x [N,C,H,W] or [N,C]; scale and shift float32 [C], or undefined. Differentiable any number of times. float32 and
/// bfloat16 (with statistics in float32) on a CPU run in two passes each way, everything else on LibTorch.
Tensor batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift, const RunningStatistics& running,
                  double eps, double slope = 1, int64_t groups = 1);

}  // namespace duet
