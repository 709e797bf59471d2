#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "duet/picture/image.h"

namespace duet {

/// Bytes of an animated GIF (version 89a) that repeats forever: pictures of the same size with 1 or 3 channels, each
/// shown for its `hundredths` of a second. All share one palette. The same pictures give the same bytes. Throws
/// Error(internal) without pictures, for pictures of different sizes, and when the number of times differs from the
/// number of pictures.
std::vector<std::byte> encode_gif(std::span<const Image> pictures, std::span<const int> hundredths);

}  // namespace duet
