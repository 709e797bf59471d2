#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "duet/picture/image.h"

// The picture formats behind image.h. Include image.h instead, unless you need only the size in a header.

namespace duet {

/// Width and height declared in a picture's header.
struct PixelSize {
  int64_t width = 0;
  int64_t height = 0;
  bool operator==(const PixelSize&) const = default;
};

/// The size of a picture as decode_image returns it, without decoding; none when its header is missing or cut off.
std::optional<PixelSize> declared_size(std::span<const std::byte> bytes);

/// EXIF orientation of a stored picture, 1 to 8 (exif.h); 1 if it has none or an invalid one.
int stored_orientation(std::span<const std::byte> bytes);

/// Throws Error(data) when `size` is empty, over 64 million pixels or over 32,768 on a side.
void check_declared_size(PixelSize size, const char* format, const std::string& place);

/// Throws Error(data) for a picture whose decoder reported `reason`.
[[noreturn]] void fail_damaged(const std::string& place, const char* format, const char* reason);

// One format each. `looks` needs 16 bytes. Sizes and pictures are as stored, not rotated.

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
/// The first picture of an animation, as 3 or 4 channels. Throws Error(data).
Image decode_webp(std::span<const std::byte> bytes, const std::string& place);

bool looks_like_tiff(std::span<const std::byte> bytes);
std::optional<PixelSize> tiff_size(std::span<const std::byte> bytes);
int tiff_orientation(std::span<const std::byte> bytes);
/// The first page, with integers of up to 16 bits, as 1 to 4 channels. Throws Error(data).
Image decode_tiff(std::span<const std::byte> bytes, const std::string& place);

bool looks_like_pnm(std::span<const std::byte> bytes);
std::optional<PixelSize> pnm_size(std::span<const std::byte> bytes);
int pnm_orientation(std::span<const std::byte> bytes);
/// PGM or PPM, as text or binary, of up to 16 bits, as 1 or 3 channels. Throws Error(data).
Image decode_pnm(std::span<const std::byte> bytes, const std::string& place);

}  // namespace duet
