#pragma once

#include <string>
#include <vector>

namespace duet {

/// Allowed values of a recipe's or option's precision.
inline const std::vector<std::string>& precisions() {
  static const std::vector<std::string> names = {"auto", "fp32", "tf32", "bf16", "fp64"};
  return names;
}

}  // namespace duet
