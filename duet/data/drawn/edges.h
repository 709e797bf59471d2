#pragma once

#include <cstdint>

namespace duet {

/// The outline of drawn digit `index` of the set with this seed, kDigitSide x kDigitSide bytes: 255 where its ink, 128
/// or more, has a neighbour to the left, right, above or below without ink, else 0. A pure function of its arguments.
void draw_edges(uint64_t seed, int64_t index, uint8_t* out);

}  // namespace duet
