#pragma once

#include "duet/core/torch.h"

namespace duet {

/// How far examples are from others: "squares", the sum of squared differences over an example's numbers, "distance",
/// that of the absolute ones; "mean_squares" and "mean_distance" their means.
std::vector<std::string> distances();
/// The distance of each, [N].
Tensor distance_of(const Tensor& a, const Tensor& b, const std::string& how);

}  // namespace duet
