#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "duet/data/image.h"

// The picture formats behind image.h. Include image.h instead, unless a header's size alone is wanted.

namespace duet {

/// Width and height that a picture declares.
struct PixelSize {
  int64_t width = 0;
  int64_t height = 0;
  bool operator==(const PixelSize&) const = default;
};

/// What a PNG's or JPEG's header declares, without decoding; nothing when the header is not there or cut off.
std::optional<PixelSize> declared_size(std::span<const std::byte> bytes);

/// Throws Error(data) when `size` is empty, over 64 million pixels or over 32,768 on a side.
void check_declared_size(PixelSize size, const char* format, const std::string& place);

/// Throws Error(data) for a picture whose decoder said `reason`.
[[noreturn]] void fail_damaged(const std::string& place, const char* format, const char* reason);

/// A PNG of any colour type, 1 to 16 bits, as 8 bits with 1, 2, 3 or 4 channels. Throws Error(data).
Image decode_png(std::span<const std::byte> bytes, const std::string& place);

/// A grey, RGB or CMYK JPEG as 1 or 3 channels; an EXIF rotation is not applied. Throws Error(data).
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& place);

bool looks_like_png(std::span<const std::byte> bytes);
bool looks_like_jpeg(std::span<const std::byte> bytes);

}  // namespace duet
