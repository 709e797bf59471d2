#pragma once

#include "duet/nn/network.h"

namespace duet {

/// How pictures grow or shrink by factors of two between the data's side and a small one.
struct Halvings {
  int64_t side = 0;   ///< the small one
  int64_t count = 0;  ///< at least 1
};

/// Of square pictures down to a side of `base`; where that is 0, while the side is even and above 7. Throws
/// Error(recipe) about a network of this `kind` for pictures that do not halve so.
Halvings halvings(const Shape& picture, int64_t base, const std::string& kind, const NetworkContext& context);

/// Channels after so many doublings of `width`, `widest` at most.
int64_t doubled(int64_t width, int64_t widest, int64_t times);

/// The activation that fills the range of the data: sigmoid for 0..1, else tanh.
std::string filling(const NetworkContext& context);

}  // namespace duet
