#include "duet/train/precision.h"

#include "duet/core/error.h"
#include "duet/ops/machine.h"

namespace duet {

std::string settled_precision(const Recipe& recipe, torch::Device device) {
  if (recipe.precision == "tf32" && device.is_cpu())
    fail(Fault::recipe, "precision = \"tf32\": only GPUs have it; use fp32, or --device cuda");
  if (recipe.precision != "auto") return recipe.precision;
  return device.is_cpu() && recipe.bf16_good && has_bfloat16() ? "bf16" : "fp32";
}

}  // namespace duet
