#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "duet/picture/font.h"
#include "duet/picture/image.h"

namespace duet {

/// At most 256 colours that represent all colours of some pictures: every grey if all are grey, else chosen by median
/// cut (Heckbert 1982, doi:10.1145/965145.801294) over six bits of each channel.
class Palette {
 public:
  /// The pictures have 1 or 3 channels.
  explicit Palette(std::span<const Image> pictures);

  const std::vector<Colour>& colours() const { return colours_; }
  /// Index of the colour for a pixel of a picture with `channels` channels.
  uint8_t index(const uint8_t* pixel, int channels) const;

 private:
  std::vector<Colour> colours_;
  std::vector<uint8_t> index_;  ///< by the six upper bits of red, green, blue; empty for greys
};

}  // namespace duet
