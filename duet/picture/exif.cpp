#include "duet/picture/exif.h"

#include <algorithm>

#include "duet/picture/bytes.h"

namespace duet {
namespace {

constexpr int64_t kOrientationTag = 0x0112, kShort = 3, kLong = 4;
constexpr size_t kEntryBytes = 12;

}  // namespace

int exif_orientation(std::span<const std::byte> tiff) {
  const bool little = holds_at(tiff, 0, std::string_view("II*\0", 4));
  if (!little && !holds_at(tiff, 0, std::string_view("MM\0*", 4))) return 1;
  const auto number = [&](size_t at, size_t bytes) {
    return little ? little_endian(tiff, at, bytes) : big_endian(tiff, at, bytes);
  };
  if (tiff.size() < 8) return 1;
  const auto first = static_cast<size_t>(number(4, 4));
  if (first > tiff.size() || tiff.size() - first < 2) return 1;
  const auto entries = static_cast<size_t>(number(first, 2));
  for (size_t i = 0; i < entries; ++i) {
    const size_t at = first + 2 + i * kEntryBytes;
    if (at + kEntryBytes > tiff.size()) return 1;
    if (number(at, 2) != kOrientationTag) continue;
    // Some programs write a long where the standard requires a short.
    const int64_t type = number(at + 2, 2);
    if ((type != kShort && type != kLong) || number(at + 4, 4) != 1) return 1;
    const int64_t value = number(at + 8, type == kShort ? 2 : 4);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image turned(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool quarter = is_quarter_turn(orientation);
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image out = blank_image(quarter ? image.height : image.width, quarter ? image.width : image.height, image.channels);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x) {
      const int column = quarter ? y : x, row = quarter ? x : y;
      const uint8_t* from =
          image.at(from_right ? image.width - 1 - column : column, from_below ? image.height - 1 - row : row);
      std::copy(from, from + image.channels, out.at(x, y));
    }
  return out;
}

}  // namespace duet
