#pragma once

#include <cstddef>
#include <span>

#include "duet/picture/image.h"

namespace duet {

// A camera stores what its sensor saw and writes beside it how it was held. Orientation, as EXIF 2.3 (JEITA CP-3451C)
// and TIFF 6.0 number it, says where the first row and column of the stored picture belong:
//   1 top left   2 top right, mirrored   3 bottom right, half a turn   4 bottom left, mirrored
//   5 left top, mirrored   6 right top, a quarter turn to the right   7 right bottom, mirrored   8 left bottom, a
//   quarter turn to the left

/// The orientation in EXIF data, which are a TIFF structure in either byte order; 1 where there is none or the data are
/// damaged. Reads within the bytes whatever they hold.
int exif_orientation(std::span<const std::byte> tiff);

/// True for the orientations that exchange width and height.
constexpr bool is_quarter_turn(int orientation) { return orientation >= 5; }

/// The picture as it is to be shown: stored with `orientation`, 1 to 8. Any number of channels.
Image turned(Image image, int orientation);

}  // namespace duet
