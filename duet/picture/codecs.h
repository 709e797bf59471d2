#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "duet/picture/image.h"

// The picture formats behind image.h. Include image.h instead, unless a header's size alone is wanted.

namespace duet {

/// Width and height that a picture declares.
struct PixelSize {
  int64_t width = 0;
  int64_t height = 0;
  bool operator==(const PixelSize&) const = default;
};

/// The size of a picture as decode_image gives it, without decoding; nothing when its header is not there or cut off.
std::optional<PixelSize> declared_size(std::span<const std::byte> bytes);

/// How a picture is stored, 1 to 8 as EXIF counts (exif.h); 1 where nothing is said, or nothing sound.
int stored_orientation(std::span<const std::byte> bytes);

/// Throws Error(data) when `size` is empty, over 64 million pixels or over 32,768 on a side.
void check_declared_size(PixelSize size, const char* format, const std::string& place);

/// Throws Error(data) for a picture whose decoder said `reason`.
[[noreturn]] void fail_damaged(const std::string& place, const char* format, const char* reason);

// One format each. `looks` asks for 16 bytes; `size` and the picture are as they are stored, not turned.

bool looks_like_png(std::span<const std::byte> bytes);
std::optional<PixelSize> png_size(std::span<const std::byte> bytes);
int png_orientation(std::span<const std::byte> bytes);
/// Any colour type, 1 to 16 bits, as 8 bits with 1, 2, 3 or 4 channels. Throws Error(data).
Image decode_png(std::span<const std::byte> bytes, const std::string& place);

bool looks_like_jpeg(std::span<const std::byte> bytes);
std::optional<PixelSize> jpeg_size(std::span<const std::byte> bytes);
int jpeg_orientation(std::span<const std::byte> bytes);
/// Grey, RGB or CMYK, as 1 or 3 channels. Throws Error(data).
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& place);

bool looks_like_webp(std::span<const std::byte> bytes);
std::optional<PixelSize> webp_size(std::span<const std::byte> bytes);
int webp_orientation(std::span<const std::byte> bytes);
/// Of an animation the first picture, as 3 or 4 channels. Throws Error(data).
Image decode_webp(std::span<const std::byte> bytes, const std::string& place);

bool looks_like_tiff(std::span<const std::byte> bytes);
std::optional<PixelSize> tiff_size(std::span<const std::byte> bytes);
int tiff_orientation(std::span<const std::byte> bytes);
/// The first page, of whole numbers up to 16 bits, as 1 to 4 channels. Throws Error(data).
Image decode_tiff(std::span<const std::byte> bytes, const std::string& place);

}  // namespace duet
