#pragma once

#include <cstddef>
#include <span>

#include "duet/picture/image.h"

namespace duet {

// Cameras store the sensor's picture and, separately, how the camera was held. The orientation, numbered as in EXIF 2.3
// (JEITA CP-3451C) and TIFF 6.0, says where the first row and column of the stored picture belong:
//   1 top left   2 top right, mirrored   3 bottom right, half a turn   4 bottom left, mirrored
//   5 left top, mirrored   6 right top, a quarter turn to the right   7 right bottom, mirrored   8 left bottom, a
//   quarter turn to the left

/// The orientation in EXIF data, a TIFF structure in either byte order; 1 if there is none or the data are damaged.
/// Reads only within the given bytes.
int exif_orientation(std::span<const std::byte> tiff);

/// True for the orientations that exchange width and height.
constexpr bool is_quarter_turn(int orientation) { return orientation >= 5; }

/// The picture rotated and mirrored for viewing; it was stored with `orientation`, 1 to 8. Any number of channels.
Image turned(Image image, int orientation);

}  // namespace duet
