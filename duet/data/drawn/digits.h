#pragma once

#include <cstdint>

namespace duet {

/// Side of a drawn digit in pixels.
inline constexpr int64_t kDigitSide = 28;

/// Class of drawn digit `index` of the set with this seed: 0 to 9, all equally likely.
int64_t digit_label(uint64_t seed, int64_t index);

/// Draws digit `index` of the set with this seed: kDigitSide x kDigitSide bytes, white ink (255) on black (0), like
/// MNIST (LeCun et al. 1998, doi:10.1109/5.726791): an ink box of about 20 x 20 pixels near the centre. Each digit has
/// several handwriting variants, with random slant, rotation, size, proportions, stroke width, pressure and a smooth
/// warp. Ink never touches the border. A pure function of its arguments.
void draw_digit(uint64_t seed, int64_t index, uint8_t* out);

}  // namespace duet
