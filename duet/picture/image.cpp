#include "duet/picture/image.h"

#include <algorithm>
#include <utility>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/picture/bytes.h"
#include "duet/picture/codecs.h"
#include "duet/picture/exif.h"

namespace duet {
namespace {

constexpr int64_t kMaxPixels = 64'000'000;
constexpr int64_t kMaxSide = 32'768;

/// A format, detected by its content.
struct Codec {
  bool (*looks)(std::span<const std::byte> bytes);
  std::optional<PixelSize> (*size)(std::span<const std::byte> bytes);
  int (*orientation)(std::span<const std::byte> bytes);
  Image (*decode)(std::span<const std::byte> bytes, const std::string& place);
};

constexpr Codec kCodecs[] = {{looks_like_png, png_size, png_orientation, decode_png},
                             {looks_like_jpeg, jpeg_size, jpeg_orientation, decode_jpeg},
                             {looks_like_webp, webp_size, webp_orientation, decode_webp},
                             {looks_like_tiff, tiff_size, tiff_orientation, decode_tiff},
                             {looks_like_pnm, pnm_size, pnm_orientation, decode_pnm}};

const Codec* codec_of(std::span<const std::byte> bytes) {
  for (const Codec& codec : kCodecs)
    if (codec.looks(bytes)) return &codec;
  return nullptr;
}

/// Another format that the bytes may be in; empty if unknown.
const char* other_kind(std::span<const std::byte> bytes) {
  if (holds_at(bytes, 0, "GIF8")) return "a GIF";
  if (holds_at(bytes, 0, "BM")) return "a BMP";
  if (holds_at(bytes, 4, "ftypavif")) return "an AVIF";
  if (holds_at(bytes, 4, "ftyphei") || holds_at(bytes, 4, "ftypmif1")) return "a HEIC";
  if (holds_at(bytes, 0, "%PDF")) return "a PDF";
  if (holds_at(bytes, 0, "<!DOCTYPE") || holds_at(bytes, 0, "<html")) return "a web page, as a failed download leaves";
  return "";
}

}  // namespace

Image blank_image(int width, int height, int channels, uint8_t value) {
  const size_t bytes = static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels);
  return {width, height, channels, std::vector<uint8_t>(bytes, value)};
}

bool looks_like_image(std::span<const std::byte> bytes) { return codec_of(bytes) != nullptr; }

std::optional<PixelSize> declared_size(std::span<const std::byte> bytes) {
  const Codec* codec = codec_of(bytes);
  auto size = codec ? codec->size(bytes) : std::nullopt;
  if (size && is_quarter_turn(codec->orientation(bytes))) std::swap(size->width, size->height);
  return size;
}

int stored_orientation(std::span<const std::byte> bytes) {
  const Codec* codec = codec_of(bytes);
  return codec ? codec->orientation(bytes) : 1;
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
  if (const Codec* codec = codec_of(bytes)) return turned(codec->decode(bytes, place), codec->orientation(bytes));
  if (bytes.empty())
    fail(Fault::data, "{}: is empty; expected a {}; copy it again or remove it", place, kPictureFormats);
  std::string begin;
  for (const std::byte byte : bytes.first(std::min<size_t>(bytes.size(), 4)))
    begin += fmt::format(" {:02x}", std::to_integer<int>(byte));
  const std::string kind = other_kind(bytes);
  fail(Fault::data, "{}: is not a picture that duet can read ({}); expected a {}; convert or remove it", place,
       kind.empty() ? "it begins with" + begin : "it is " + kind, kPictureFormats);
}

void write_png(const std::filesystem::path& path, const Image& image) { write_atomic(path, encode_png(image)); }

}  // namespace duet
