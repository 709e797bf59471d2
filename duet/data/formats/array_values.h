#pragma once

#include <string>
#include <vector>

#include "duet/core/range.h"
#include "duet/data/formats/npy.h"

namespace duet {

/// Which of an array's numbers are black and white.
struct PictureRange {
  Range range;
  std::string reading;  ///< the same as text; empty for uint8
};

/// Pictures have 8 bits in duet. Integers must be 0..255. Floats are identified by their smallest and largest value:
/// with some below -0.5 they are -1..1, from 0 to at most 1 they are 0..1, from 0 to above 16 they are 0..255. All
/// others are ambiguous and refused. bool is black and white. Throws Error(data) with the values found and how to scale
/// them.
PictureRange picture_range(const NumberExtent& extent, NpyType type, const std::string& place);

/// One byte per number: maps `range` to 0..255, rounded.
std::vector<std::byte> to_picture_bytes(const NpyArray& array, const Range& range);

}  // namespace duet
