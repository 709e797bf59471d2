#include <cstdio>
// jpeglib.h needs FILE, so <cstdio> comes before it.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <string_view>

#include "duet/core/error.h"
#include "duet/picture/bytes.h"
#include "duet/picture/codecs.h"
#include "duet/picture/exif.h"

// libjpeg reports errors through a callback that must not return. As in png.cpp, a function that calls setjmp has no
// objects with destructors; its caller owns them and throws.

namespace duet {
namespace {

/// A progressive file can repeat scans without end, each costing a pass over the whole picture; real files have about
/// 10.
constexpr int kMaxScans = 200;

struct Reader {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  char message[JMSG_LENGTH_MAX] = "";
  ~Reader() { jpeg_destroy_decompress(&jpeg); }
};

void on_error(j_common_ptr jpeg) {
  auto* reader = static_cast<Reader*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, reader->message);
  std::longjmp(reader->jump, 1);
}

/// libjpeg only warns about missing data and fills in grey; such a picture must not become training data. After its
/// other warnings (stray bytes between segments, an odd header version) the picture is complete.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      on_error(jpeg);
      break;
    default:
      break;
  }
}

void on_progress(j_common_ptr jpeg) {
  auto* reader = static_cast<Reader*>(jpeg->client_data);
  if (reader->jpeg.input_scan_number <= kMaxScans) return;
  std::snprintf(reader->message, sizeof reader->message, "more than %d scans", kMaxScans);
  std::longjmp(reader->jump, 1);
}

void install_callbacks(Reader& reader) {
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  reader.progress.progress_monitor = on_progress;
  reader.jpeg.client_data = &reader;
}

bool read_header(Reader& reader, std::span<const std::byte> bytes) {
  if (setjmp(reader.jump)) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&reader.jpeg, TRUE);
  return true;
}

bool start(Reader& reader, J_COLOR_SPACE colours) {
  if (setjmp(reader.jump)) return false;
  reader.jpeg.out_color_space = colours;
  jpeg_start_decompress(&reader.jpeg);
  return true;
}

/// Rows are added as they are decoded: a truncated file never allocates the memory that its header declares. The end
/// marker is not required, because the picture is complete without it.
bool read_rows(Reader& reader, Image& image) {
  if (setjmp(reader.jump)) return false;
  const size_t row_bytes = static_cast<size_t>(image.width) * static_cast<size_t>(image.channels);
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    const size_t y = reader.jpeg.output_scanline;
    image.pixels.resize((y + 1) * row_bytes);
    JSAMPROW row = image.pixels.data() + y * row_bytes;
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
  return true;
}

/// CMYK to RGB. Adobe's programs store CMYK inverted (255 is no ink), other programs do the same, and viewers assume it
/// with or without Adobe's marker.
Image cmyk_to_rgb(const Image& cmyk) {
  Image rgb = blank_image(cmyk.width, cmyk.height, 3);
  for (size_t i = 0; i < cmyk.pixels.size() / 4; ++i) {
    const int light = cmyk.pixels[i * 4 + 3];
    for (size_t c = 0; c < 3; ++c)
      rgb.pixels[i * 3 + c] = static_cast<uint8_t>((cmyk.pixels[i * 4 + c] * light + 127) / 255);
  }
  return rgb;
}

J_COLOR_SPACE decoded_colours(const Reader& reader, const std::string& place) {
  switch (reader.jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE:
      return JCS_GRAYSCALE;
    case JCS_RGB:
    case JCS_YCbCr:
      return JCS_RGB;
    case JCS_CMYK:
    case JCS_YCCK:
      return JCS_CMYK;
    default:
      fail(Fault::data, "{}: a JPEG of {} unknown colour components; expected grey, RGB or CMYK; convert it to PNG",
           place, reader.jpeg.num_components);
  }
}

/// Calls `visit(marker, content)` for the segments before the image data until it returns true. Like libjpeg it skips
/// stray bytes between them.
void walk_segments(std::span<const std::byte> bytes, const auto& visit) {
  constexpr int kStuffing = 0x00, kScan = 0xda, kFill = 0xff;
  for (size_t at = 2; at + 4 <= bytes.size();) {
    const int marker = std::to_integer<int>(bytes[at + 1]);
    // A marker is 0xff, one or more times, and a byte that is neither 0xff nor 0.
    if (bytes[at] != std::byte{0xff} || marker == kStuffing || marker == kFill) {
      ++at;
      continue;
    }
    if (marker == kScan) return;
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {  // markers without content
      at += 2;
      continue;
    }
    const auto length = static_cast<size_t>(big_endian(bytes, at + 2, 2));
    const size_t begin = at + 4;
    const size_t size = std::min(std::max<size_t>(length, 2) - 2, bytes.size() - begin);
    if (visit(marker, bytes.subspan(begin, size))) return;
    at += 2 + length;
  }
}

}  // namespace

bool looks_like_jpeg(std::span<const std::byte> bytes) { return holds_at(bytes, 0, "\xff\xd8\xff"); }

std::optional<PixelSize> jpeg_size(std::span<const std::byte> bytes) {
  std::optional<PixelSize> size;
  walk_segments(bytes, [&](int marker, std::span<const std::byte> content) {
    // SOF0 to SOF15, except for the tables in the same range.
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (!frame || content.size() < 5) return false;
    size = PixelSize{big_endian(content, 3, 2), big_endian(content, 1, 2)};
    return true;
  });
  return size;
}

int jpeg_orientation(std::span<const std::byte> bytes) {
  int orientation = 1;
  walk_segments(bytes, [&](int marker, std::span<const std::byte> content) {
    constexpr int kApp1 = 0xe1;
    const std::string_view name("Exif\0\0", 6);
    if (marker != kApp1 || !holds_at(content, 0, name)) return false;
    orientation = exif_orientation(content.subspan(name.size()));
    return true;
  });
  return orientation;
}

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& place) {
  Reader reader;
  install_callbacks(reader);
  if (!read_header(reader, bytes)) fail_damaged(place, "JPEG", reader.message);
  check_declared_size({reader.jpeg.image_width, reader.jpeg.image_height}, "JPEG", place);
  if (!start(reader, decoded_colours(reader, place))) fail_damaged(place, "JPEG", reader.message);
  Image image;
  image.width = static_cast<int>(reader.jpeg.output_width);
  image.height = static_cast<int>(reader.jpeg.output_height);
  image.channels = reader.jpeg.output_components;
  image.pixels.reserve(static_cast<size_t>(image.width) * static_cast<size_t>(image.height) *
                       static_cast<size_t>(image.channels));
  if (!read_rows(reader, image)) fail_damaged(place, "JPEG", reader.message);
  return image.channels == 4 ? cmyk_to_rgb(image) : image;
}

}  // namespace duet
