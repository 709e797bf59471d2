#pragma once

#include <string>
#include <vector>

#include "duet/core/shape.h"
#include "duet/data/formats/npy.h"

namespace duet {

/// How the dimensions of an array are understood.
struct ArrayLayout {
  Shape shape{};               ///< of one example as stored: up to 4 channels may be grey or colours with alpha
  bool channels_last = false;  ///< [N,H,W,C]
  std::string reading{};       ///< the same for a person; empty where there is no other way
  std::string doubt{};         ///< where another way is as likely: which, and how to say so; mostly empty
};

/// [N] and [N,D] are vectors, [N,H,W] grey pictures. Of four dimensions that is the channels' which is 1 to 4; where
/// both or neither are, the one that leaves square pictures; else the second, which is said. Throws Error(data) for
/// others, for what is one picture rather than many ([H,W,3]), and for nothing.
ArrayLayout layout_of(const std::vector<int64_t>& shape, const std::string& place);

}  // namespace duet
