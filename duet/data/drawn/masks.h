#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace duet {

/// Kinds of masks, the classes of the built-in set "masks", equally frequent:
/// - "half": one of the four halves is hidden (Goodfellow's InpaintingAdversaryCost hides the right one)
/// - "box": a rectangle of a quarter to three quarters of each side is hidden, anywhere
/// - "scattered": every pixel is hidden with the same probability, which is between 0.2 and 0.8
std::vector<std::string> mask_kinds();

/// Writes a mask of side x side bytes: 255 where a pixel is known, 0 where it is hidden. A pure function of
/// (seed, index, side).
void draw_mask(uint64_t seed, int64_t index, int64_t side, uint8_t* out);

/// The kind of a mask, an index into mask_kinds().
int64_t mask_label(uint64_t seed, int64_t index);

}  // namespace duet
