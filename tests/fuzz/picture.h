#pragma once

#include <stdexcept>

#include "duet/picture/codecs.h"

namespace duet {

/// Reads a picture as a data set does: first its size, then its pixels, and fits them. Both must give the same size.
inline void read_picture(std::span<const std::byte> bytes) {
  const auto declared = declared_size(bytes);
  const Image image = decode_image(bytes, "a picture");
  if (declared != PixelSize{image.width, image.height}) throw std::logic_error("it declares another size than it has");
  if (image.pixels.size() != static_cast<size_t>(image.width) * static_cast<size_t>(image.height * image.channels))
    throw std::logic_error("it has more or fewer pixels than its size says");
  fit_image(image, 8, 3);
  fit_image(image, 4, 1);
}

}  // namespace duet
