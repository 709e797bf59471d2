#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "duet/picture/image.h"

namespace duet {

/// The bytes of an animated GIF (version 89a) that repeats for ever: pictures of one size with 1 or 3 channels, each
/// shown for as many hundredths of a second. All share one palette. The same pictures give the same bytes.
/// Throws Error(internal) for none, for pictures of several sizes, and for as many times as there are not pictures.
std::vector<std::byte> encode_gif(std::span<const Image> pictures, std::span<const int> hundredths);

}  // namespace duet
