#pragma once

#include <png.h>
#include <tiffio.h>
#include <webp/encode.h>
#include <zlib.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "duet/core/files.h"
#include "tests/picture/sample_pictures.h"

/// Encoders that only the tests need, and EXIF data in their files.
namespace duet::sample {

using Bytes = std::vector<std::byte>;

inline void append(Bytes& out, std::string_view text) {
  for (const char letter : text) out.push_back(static_cast<std::byte>(letter));
}
inline void append(Bytes& out, std::span<const std::byte> bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

/// `value` in `count` bytes, big or little endian.
inline void append_number(Bytes& out, uint32_t value, int count, bool little) {
  for (int i = 0; i < count; ++i) out.push_back(static_cast<std::byte>(value >> 8 * (little ? i : count - 1 - i)));
}

/// EXIF data with an orientation after another tag.
inline Bytes exif(int orientation, bool little = true, int type = 3) {
  Bytes out;
  append(out, little ? std::string_view("II*\0", 4) : std::string_view("MM\0*", 4));
  append_number(out, 8, 4, little);
  append_number(out, 2, 2, little);
  for (const int tag : {0x010f, 0x0112}) {
    append_number(out, static_cast<uint32_t>(tag), 2, little);
    append_number(out, tag == 0x0112 ? static_cast<uint32_t>(type) : 2, 2, little);
    append_number(out, 1, 4, little);
    append_number(out, tag == 0x0112 ? static_cast<uint32_t>(orientation) : 0, type == 4 ? 4 : 2, little);
    if (type != 4) append_number(out, 0, 2, little);
  }
  append_number(out, 0, 4, little);
  return out;
}

/// A JPEG with a segment (given its marker's second byte) right after its beginning.
inline Bytes with_segment(const Bytes& jpeg, int marker, std::span<const std::byte> content) {
  Bytes out(jpeg.begin(), jpeg.begin() + 2);
  out.push_back(std::byte{0xff});
  out.push_back(static_cast<std::byte>(marker));
  append_number(out, static_cast<uint32_t>(content.size() + 2), 2, false);
  append(out, content);
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

inline Bytes jpeg_with_exif(const Bytes& jpeg, std::span<const std::byte> tiff) {
  Bytes content;
  append(content, std::string_view("Exif\0\0", 6));
  append(content, tiff);
  return with_segment(jpeg, 0xe1, content);
}

/// A PNG with EXIF data in a chunk before or after its pixels.
inline Bytes png_with_exif(const Bytes& png, std::span<const std::byte> tiff, bool at_the_end = false) {
  Bytes chunk, out;
  append(chunk, "eXIf");
  append(chunk, tiff);
  const size_t at = at_the_end ? png.size() - 12 : 33;
  append(out, std::span(png).first(at));
  append_number(out, static_cast<uint32_t>(tiff.size()), 4, false);
  append(out, chunk);
  append_number(
      out,
      static_cast<uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(chunk.size()))),
      4, false);
  append(out, std::span(png).subspan(at));
  return out;
}

/// A lossless WebP of an RGB or RGBA picture.
inline Bytes encode_webp(const Image& image) {
  uint8_t* data = nullptr;
  const auto encode = image.channels == 4 ? WebPEncodeLosslessRGBA : WebPEncodeLosslessRGB;
  const size_t size = encode(image.pixels.data(), image.width, image.height, image.width * image.channels, &data);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  Bytes out(bytes, bytes + size);
  WebPFree(data);
  return out;
}

inline void append_chunk(Bytes& out, std::string_view name, std::span<const std::byte> content) {
  append(out, name);
  append_number(out, static_cast<uint32_t>(content.size()), 4, true);
  append(out, content);
  if (content.size() % 2) out.push_back(std::byte{0});
}

/// An extended WebP: flags, the picture's own chunks, others.
inline Bytes extended_webp(int flags, int width, int height, const Bytes& chunks) {
  Bytes head, out;
  append_number(head, static_cast<uint32_t>(flags), 4, true);
  append_number(head, static_cast<uint32_t>(width - 1), 3, true);
  append_number(head, static_cast<uint32_t>(height - 1), 3, true);
  append(out, "RIFF");
  append_number(out, static_cast<uint32_t>(chunks.size() + 22), 4, true);
  append(out, "WEBP");
  append_chunk(out, "VP8X", head);
  append(out, chunks);
  return out;
}

inline Bytes webp_with_exif(const Image& image, std::span<const std::byte> tiff) {
  constexpr int kExif = 8;
  Bytes chunks;
  const Bytes still = encode_webp(image);
  append(chunks, std::span(still).subspan(12));
  append_chunk(chunks, "EXIF", tiff);
  return extended_webp(kExif, image.width, image.height, chunks);
}

/// An animation of full frames.
inline Bytes animated_webp(const std::vector<Image>& images) {
  constexpr int kAnimation = 2;
  Bytes chunks;
  append_chunk(chunks, "ANIM", Bytes(6));
  for (const Image& image : images) {
    Bytes frame;
    append_number(frame, 0, 3, true);
    append_number(frame, 0, 3, true);
    append_number(frame, static_cast<uint32_t>(image.width - 1), 3, true);
    append_number(frame, static_cast<uint32_t>(image.height - 1), 3, true);
    append_number(frame, 100, 3, true);
    append_number(frame, 2, 1, true);
    const Bytes still = encode_webp(image);
    append(frame, std::span(still).subspan(12));
    append_chunk(chunks, "ANMF", frame);
  }
  return extended_webp(kAnimation, images[0].width, images[0].height, chunks);
}

/// Options for writing a TIFF.
struct TiffSpec {
  int bits = 8;
  int compression = COMPRESSION_NONE;
  int orientation = 0;  ///< 0: no tag
  int format = SAMPLEFORMAT_UINT;
  int photometric = -1;  ///< -1: grey or RGB
  const char* mode = "w";
};

/// A TIFF of rows that are already in libtiff's layout; channels after the colours are unassociated alpha.
inline Bytes encode_tiff(const Image& image, const TiffSpec& spec = {}) {
  const Scratch scratch;
  TIFF* tiff = TIFFOpen((scratch / "a.tif").c_str(), spec.mode);
  const auto set = [&](auto tag, auto value) { TIFFSetField(tiff, tag, value); };
  set(TIFFTAG_IMAGEWIDTH, image.width);
  set(TIFFTAG_IMAGELENGTH, image.height);
  set(TIFFTAG_BITSPERSAMPLE, spec.bits);
  set(TIFFTAG_SAMPLESPERPIXEL, image.channels);
  set(TIFFTAG_SAMPLEFORMAT, spec.format);
  set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  set(TIFFTAG_COMPRESSION, spec.compression);
  set(TIFFTAG_PHOTOMETRIC, spec.photometric >= 0 ? spec.photometric
                           : image.channels >= 3 ? PHOTOMETRIC_RGB
                                                 : PHOTOMETRIC_MINISBLACK);
  if (spec.orientation > 0) set(TIFFTAG_ORIENTATION, spec.orientation);
  const uint16_t alpha[] = {EXTRASAMPLE_UNASSALPHA};
  if (image.channels % 2 == 0 && spec.photometric != PHOTOMETRIC_SEPARATED)
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, alpha);
  std::vector<uint8_t> row;
  const auto row_bytes = static_cast<size_t>(TIFFScanlineSize(tiff));
  for (int y = 0; y < image.height; ++y) {
    row.assign(image.pixels.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(y) * row_bytes),
               image.pixels.begin() + static_cast<ptrdiff_t>((static_cast<size_t>(y) + 1) * row_bytes));
    TIFFWriteScanline(tiff, row.data(), static_cast<uint32_t>(y), 0);
  }
  TIFFClose(tiff);
  return read_bytes(scratch / "a.tif", Fault::internal);
}

}  // namespace duet::sample
