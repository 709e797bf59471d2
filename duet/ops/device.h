#pragma once

#include "duet/core/torch.h"

namespace duet {

/// The device of a name: "cpu", "cuda", "cuda:1", or "auto": a GPU where LibTorch sees one. Throws Error(usage) for
/// another name, Error(device) when there is no such GPU.
torch::Device find_device(const std::string& name);

/// Lets a GPU's float32 products round their factors to TF32 (10 bits), or not.
void allow_tf32(bool allowed);

/// Waits until everything asked of the device is done.
void synchronize(torch::Device device);

/// Floating-point operations per second of large matrix products on the device, of bfloat16 numbers or of float32 ones:
/// what no step can exceed. Takes about a second.
double matrix_product_limit(torch::Device device, bool bfloat16);

}  // namespace duet
