#include "duet/data/image.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/data/codecs.h"

namespace duet {
namespace {

constexpr int64_t kMaxPixels = 64'000'000;
constexpr int64_t kMaxSide = 32'768;

int64_t big_endian(std::span<const std::byte> bytes, size_t at, size_t count) {
  int64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | std::to_integer<int64_t>(bytes[at + i]);
  return value;
}

std::optional<PixelSize> png_size(std::span<const std::byte> bytes) {
  if (bytes.size() < 24 || std::memcmp(bytes.data() + 12, "IHDR", 4) != 0) return {};
  return PixelSize{big_endian(bytes, 16, 4), big_endian(bytes, 20, 4)};
}

/// Walks the JPEG's segments up to the frame header (SOF0..SOF15 but for the tables that share the range).
std::optional<PixelSize> jpeg_size(std::span<const std::byte> bytes) {
  size_t at = 2;
  while (at + 9 <= bytes.size() && bytes[at] == std::byte{0xff}) {
    const int marker = std::to_integer<int>(bytes[at + 1]);
    if (marker == 0xff) {
      ++at;  // fill bytes may stand before a marker
      continue;
    }
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) return PixelSize{big_endian(bytes, at + 7, 2), big_endian(bytes, at + 5, 2)};
    const bool without_length = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += without_length ? 2 : 2 + static_cast<size_t>(big_endian(bytes, at + 2, 2));
  }
  return {};
}

}  // namespace

Image blank_image(int width, int height, int channels, uint8_t value) {
  const size_t bytes = static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels);
  return {width, height, channels, std::vector<uint8_t>(bytes, value)};
}

bool looks_like_png(std::span<const std::byte> bytes) {
  constexpr std::array<unsigned char, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return bytes.size() >= kSignature.size() &&
         std::equal(kSignature.begin(), kSignature.end(), reinterpret_cast<const unsigned char*>(bytes.data()));
}

bool looks_like_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8} && bytes[2] == std::byte{0xff};
}

bool looks_like_image(std::span<const std::byte> bytes) { return looks_like_png(bytes) || looks_like_jpeg(bytes); }

std::optional<PixelSize> declared_size(std::span<const std::byte> bytes) {
  if (looks_like_png(bytes)) return png_size(bytes);
  if (looks_like_jpeg(bytes)) return jpeg_size(bytes);
  return {};
}

void check_declared_size(PixelSize size, const char* format, const std::string& place) {
  const auto [width, height] = size;
  if (width > 0 && height > 0 && width <= kMaxSide && height <= kMaxSide && width * height <= kMaxPixels) return;
  fail(Fault::data,
       "{}: the {} declares {}x{} pixels; expected at least one, and at most 64 million and 32768 on a side; "
       "make it smaller or remove it",
       place, format, width, height);
}

void fail_damaged(const std::string& place, const char* format, const char* reason) {
  fail(Fault::data, "{}: damaged {} ({}); expected a whole, readable file; copy it again or remove it", place, format,
       reason);
}

Image decode_image(std::span<const std::byte> bytes, const std::string& place) {
  if (looks_like_png(bytes)) return decode_png(bytes, place);
  if (looks_like_jpeg(bytes)) return decode_jpeg(bytes, place);
  if (bytes.empty()) fail(Fault::data, "{}: is empty; expected a PNG or JPEG; copy it again or remove it", place);
  std::string begin;
  for (const std::byte byte : bytes.first(std::min<size_t>(bytes.size(), 4)))
    begin += fmt::format(" {:02x}", std::to_integer<int>(byte));
  fail(Fault::data, "{}: is no picture duet can read (it begins with{}); expected a PNG or JPEG; convert or remove it",
       place, begin);
}

void write_png(const std::filesystem::path& path, const Image& image) { write_atomic(path, encode_png(image)); }

}  // namespace duet
