#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// 8-bit picture in memory, rows of interleaved channels (1 grey, 2 grey+alpha, 3 RGB, 4 RGBA).
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;  ///< width * height * channels bytes

  uint8_t* at(int x, int y) { return pixels.data() + (static_cast<size_t>(y) * width + x) * channels; }
  const uint8_t* at(int x, int y) const { return pixels.data() + (static_cast<size_t>(y) * width + x) * channels; }
};

/// A picture with all bytes set to `value`.
Image blank_image(int width, int height, int channels, uint8_t value = 0);

/// Names of the formats that decode_image reads, for messages.
constexpr const char* kPictureFormats = "PNG, JPEG, WebP, TIFF, PGM or PPM";

/// Decodes a PNG (any colour type, 1 to 16 bits), JPEG, WebP, TIFF, PGM or PPM; the format is detected from the
/// content. Of an animation or several pages, the first picture. EXIF orientation is applied; colour profiles and gamma
/// are not. `place` names the bytes in messages. Throws Error(data) when they are in none of these formats, damaged, or
/// declare more than 64 million pixels or a side over 32,768 (a tiny file can declare a huge picture; its memory is
/// never allocated).
Image decode_image(std::span<const std::byte> bytes, const std::string& place);

/// True when the bytes begin like a picture that decode_image reads; 16 bytes are enough.
bool looks_like_image(std::span<const std::byte> bytes);

/// The largest centred square, resized to resolution x resolution with an antialiased (area-weighted triangle) filter
/// and converted to 1 or 3 channels; transparency is composited over white before the resize. resolution 0 keeps the
/// size and does not crop.
Image fit_image(const Image& image, int64_t resolution, int64_t channels);

/// PNG bytes of a grey, grey+alpha, RGB or RGBA picture. The same picture gives the same bytes.
std::vector<std::byte> encode_png(const Image& image);

/// Writes a PNG atomically (write_atomic). Throws Error(device).
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace duet
