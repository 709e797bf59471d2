#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>

#include "duet/core/error.h"
#include "duet/picture/bytes.h"
#include "duet/picture/codecs.h"
#include "duet/picture/exif.h"

namespace duet {
namespace {

const uint8_t* data_of(std::span<const std::byte> bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

/// libwebp owns the pixels until the picture is complete: a truncated file never fills the memory its header declares.
Image decode_still(std::span<const std::byte> bytes, bool alpha, const std::string& place) {
  int width = 0, height = 0;
  const auto decode = alpha ? WebPDecodeRGBA : WebPDecodeRGB;
  const std::unique_ptr<uint8_t, decltype(&WebPFree)> pixels(decode(data_of(bytes), bytes.size(), &width, &height),
                                                             WebPFree);
  if (!pixels) fail_damaged(place, "WebP", "its data end early or make no sense");
  Image image;
  image.width = width, image.height = height, image.channels = alpha ? 4 : 3;
  const size_t count = static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(image.channels);
  image.pixels.assign(pixels.get(), pixels.get() + count);
  return image;
}

Image decode_first_of_animation(std::span<const std::byte> bytes, const std::string& place) {
  const WebPData data{data_of(bytes), bytes.size()};
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                                   WebPAnimDecoderDelete);
  WebPAnimInfo info{};
  uint8_t* pixels = nullptr;
  int time = 0;
  if (!decoder || !WebPAnimDecoderGetInfo(decoder.get(), &info) ||
      !WebPAnimDecoderGetNext(decoder.get(), &pixels, &time))
    fail_damaged(place, "WebP", "its first picture cannot be decoded");
  Image image;
  image.width = static_cast<int>(info.canvas_width), image.height = static_cast<int>(info.canvas_height);
  image.channels = 4;
  image.pixels.assign(pixels, pixels + size_t{4} * info.canvas_width * info.canvas_height);
  return image;
}

}  // namespace

bool looks_like_webp(std::span<const std::byte> bytes) {
  return holds_at(bytes, 0, "RIFF") && holds_at(bytes, 8, "WEBP");
}

std::optional<PixelSize> webp_size(std::span<const std::byte> bytes) {
  int width = 0, height = 0;
  if (!WebPGetInfo(data_of(bytes), bytes.size(), &width, &height)) return {};
  return PixelSize{width, height};
}

int webp_orientation(std::span<const std::byte> bytes) {
  constexpr size_t kHead = 8;  // of a chunk: name and length; one byte of padding follows an odd length
  for (size_t at = 12; at + kHead <= bytes.size();) {
    const auto length = static_cast<size_t>(little_endian(bytes, at + 4, 4));
    if (length > bytes.size() - at - kHead) return 1;
    if (holds_at(bytes, at, "EXIF")) {
      const auto exif = bytes.subspan(at + kHead, length);
      const std::string_view prefix("Exif\0\0", 6);  // JPEG's prefix, which some programs leave in
      return exif_orientation(holds_at(exif, 0, prefix) ? exif.subspan(prefix.size()) : exif);
    }
    at += kHead + length + length % 2;
  }
  return 1;
}

Image decode_webp(std::span<const std::byte> bytes, const std::string& place) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data_of(bytes), bytes.size(), &features) != VP8_STATUS_OK)
    fail_damaged(place, "WebP", "its header is cut off or makes no sense");
  check_declared_size({features.width, features.height}, "WebP", place);
  return features.has_animation != 0 ? decode_first_of_animation(bytes, place)
                                     : decode_still(bytes, features.has_alpha != 0, place);
}

}  // namespace duet
