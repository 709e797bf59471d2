#pragma once

#include <string>
#include <vector>

#include "duet/core/shape.h"
#include "duet/data/formats/npy.h"

namespace duet {

/// Interpretation of an array's dimensions.
struct ArrayLayout {
  Shape shape{};               ///< of one example as stored; 2 and 4 channels are grey and RGB with alpha
  bool channels_last = false;  ///< [N,H,W,C]
  std::string reading{};       ///< the same as text; empty if there is no other interpretation
  std::string doubt{};         ///< another interpretation that is as likely, and how to choose it; mostly empty
};

/// [N] and [N,D] are vectors, [N,H,W] grey pictures. With four dimensions the channels are the dimension of size 1 to
/// 4; if both or neither qualify, the one that leaves square pictures; else the second, with a doubt. Throws
/// Error(data) for other shapes, for a single picture ([H,W,3]), and for an empty array.
ArrayLayout layout_of(const std::vector<int64_t>& shape, const std::string& place);

}  // namespace duet
