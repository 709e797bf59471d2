#pragma once

#include <string>
#include <vector>

#include "duet/core/range.h"
#include "duet/data/formats/npy.h"

namespace duet {

/// What of an array's numbers is black and what is white.
struct PictureRange {
  Range range;
  std::string reading;  ///< the same for a person; empty for uint8
};

/// Pictures are 8 bits in duet. Integers must be 0..255. Floats are told by their smallest and largest number: with
/// some below -0.5 they are -1..1, from 0 to at most 1 they are 0..1, from 0 to above 16 they are 0..255. All others
/// are refused, because each could be meant in two ways. bool is black and white. Throws Error(data) with the numbers
/// found and how to scale them.
PictureRange picture_range(const NumberExtent& extent, NpyType type, const std::string& place);

/// One byte for every number: `range` onto 0..255, rounded.
std::vector<std::byte> to_picture_bytes(const NpyArray& array, const Range& range);

}  // namespace duet
