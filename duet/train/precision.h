#pragma once

#include "duet/core/torch.h"
#include "duet/train/recipe.h"

namespace duet {

/// The precision of products, "fp32", "tf32", "bf16" or "fp64": the recipe's; with auto, bf16 on a CPU with hardware
/// support if the recipe is known to learn as well in it, else fp32. Throws Error(recipe) for tf32 on a CPU.
std::string settled_precision(const Recipe& recipe, torch::Device device = torch::kCPU);

/// The type of weights and values in this precision.
inline torch::ScalarType type_of(const std::string& precision) {
  return precision == "fp64" ? torch::kFloat64 : torch::kFloat32;
}

}  // namespace duet
