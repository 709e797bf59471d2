#pragma once

#include "duet/core/torch.h"
#include "duet/train/recipe.h"

namespace duet {

/// What products are computed in, "fp32", "tf32", "bf16" or "fp64": what the recipe says; where it leaves it open, bf16
/// on a CPU that has it in hardware, if the recipe is known to learn as well in it, else fp32. Throws Error(recipe) for
/// tf32 on a CPU.
std::string settled_precision(const Recipe& recipe, torch::Device device = torch::kCPU);

/// The type of weights and values in it.
inline torch::ScalarType type_of(const std::string& precision) {
  return precision == "fp64" ? torch::kFloat64 : torch::kFloat32;
}

}  // namespace duet
