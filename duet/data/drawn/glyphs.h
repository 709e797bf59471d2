#pragma once

#include <cstdint>
#include <vector>

#include "duet/core/random.h"
#include "duet/picture/canvas.h"

namespace duet {

/// The pen lines of a handwritten digit: smooth paths in a box about 0.6 wide and 1 high, x to the right, y down.
using Glyph = std::vector<Path>;

/// Digit 0 to 9 in one of several handwriting variants with random variation, both from `random`.
Glyph write_glyph(int64_t digit, Random& random);

}  // namespace duet
