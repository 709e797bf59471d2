#include <png.h>

#include <csetjmp>
#include <cstring>

#include "duet/core/error.h"
#include "duet/picture/bytes.h"
#include "duet/picture/codecs.h"
#include "duet/picture/exif.h"

// libpng reports errors by longjmp. A function that calls setjmp therefore has no objects with destructors: a struct of
// the caller owns them, and the caller throws after the jump.

namespace duet {
namespace {

/// Receives libpng's messages, and the bytes it reads or writes.
struct Stream {
  std::span<const std::byte> input;
  std::vector<std::byte> output;
  char message[128] = "";
  bool out_of_memory = false;
};

void on_error(png_structp png, png_const_charp text) {
  auto* stream = static_cast<Stream*>(png_get_error_ptr(png));
  std::strncpy(stream->message, text, sizeof stream->message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, size_t count) {
  auto* stream = static_cast<Stream*>(png_get_io_ptr(png));
  if (count > stream->input.size()) png_error(png, "the file ends early");
  std::memcpy(out, stream->input.data(), count);
  stream->input = stream->input.subspan(count);
}

void on_write(png_structp png, png_bytep data, size_t count) {
  auto* stream = static_cast<Stream*>(png_get_io_ptr(png));
  try {
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    stream->output.insert(stream->output.end(), bytes, bytes + count);
  } catch (const std::bad_alloc&) {
    stream->out_of_memory = true;  // an exception must not pass through C; the jump follows outside the handler
  }
  if (stream->out_of_memory) png_error(png, "out of memory");
}

struct Reader {
  Stream stream;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct Writer {
  Stream stream;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

/// Reads up to the first row; then all rows have 8 bits and 1 to 4 channels.
bool read_header(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_set_read_fn(reader.png, &reader.stream, on_read);
  png_set_user_limits(reader.png, 32'768, 32'768);
  png_set_chunk_malloc_max(reader.png, 4 << 20);
  png_read_info(reader.png, reader.info);
  png_set_scale_16(reader.png);
  png_set_expand(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

/// Grows the picture row by row: a truncated file never allocates the memory that its header declares.
bool read_rows(Reader& reader, Image& image) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  const size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  for (int y = 0; y < image.height; ++y) {
    image.pixels.resize(static_cast<size_t>(y + 1) * row_bytes);
    png_read_row(reader.png, image.at(0, y), nullptr);
  }
  png_read_end(reader.png, nullptr);
  return true;
}

bool read_interlaced(Reader& reader, std::vector<png_bytep>& rows) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_read_image(reader.png, rows.data());
  png_read_end(reader.png, nullptr);
  return true;
}

bool read_pixels(Reader& reader, Image& image) {
  const size_t bytes = png_get_rowbytes(reader.png, reader.info) * static_cast<size_t>(image.height);
  image.pixels.reserve(bytes);
  if (png_get_interlace_type(reader.png, reader.info) == PNG_INTERLACE_NONE) return read_rows(reader, image);
  image.pixels.resize(bytes);
  std::vector<png_bytep> rows;
  for (int y = 0; y < image.height; ++y) rows.push_back(image.at(0, y));
  return read_interlaced(reader, rows);
}

bool write_picture(Writer& writer, const Image& image, int colour_type) {
  if (setjmp(png_jmpbuf(writer.png))) return false;
  png_set_write_fn(writer.png, &writer.stream, on_write, nullptr);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height),
               8, colour_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  for (int y = 0; y < image.height; ++y) png_write_row(writer.png, image.at(0, y));
  png_write_end(writer.png, nullptr);
  return true;
}

}  // namespace

bool looks_like_png(std::span<const std::byte> bytes) { return holds_at(bytes, 0, "\x89PNG\r\n\x1a\n"); }

std::optional<PixelSize> png_size(std::span<const std::byte> bytes) {
  if (bytes.size() < 24 || !holds_at(bytes, 12, "IHDR")) return {};
  return PixelSize{big_endian(bytes, 16, 4), big_endian(bytes, 20, 4)};
}

int png_orientation(std::span<const std::byte> bytes) {
  constexpr size_t kSignature = 8, kAround = 12;  // of a chunk: length and type before its content, checksum after it
  for (size_t at = kSignature; at + kAround <= bytes.size();) {
    const auto length = static_cast<size_t>(big_endian(bytes, at, 4));
    if (length > bytes.size() - at - kAround) return 1;
    if (holds_at(bytes, at + 4, "eXIf")) return exif_orientation(bytes.subspan(at + 8, length));
    at += kAround + length;
  }
  return 1;
}

Image decode_png(std::span<const std::byte> bytes, const std::string& place) {
  if (const auto size = png_size(bytes))
    check_declared_size(*size, "PNG", place);
  else if (bytes.size() >= 16 && !holds_at(bytes, 12, "IHDR"))
    fail_damaged(place, "PNG", "its header is not its first chunk");  // libpng would search for it
  Reader reader;
  reader.stream.input = bytes;
  if (!reader.info) fail(Fault::device, "{}: out of memory while decoding; close other programs", place);
  if (!read_header(reader)) fail_damaged(place, "PNG", reader.stream.message);
  Image image;
  image.width = static_cast<int>(png_get_image_width(reader.png, reader.info));
  image.height = static_cast<int>(png_get_image_height(reader.png, reader.info));
  image.channels = png_get_channels(reader.png, reader.info);
  if (!read_pixels(reader, image)) fail_damaged(place, "PNG", reader.stream.message);
  return image;
}

std::vector<std::byte> encode_png(const Image& image) {
  constexpr int kColourTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                  PNG_COLOR_TYPE_RGB_ALPHA};
  const bool shaped = image.width > 0 && image.height > 0 && image.channels >= 1 && image.channels <= 4;
  const size_t expected = shaped ? static_cast<size_t>(image.width) * static_cast<size_t>(image.height) *
                                       static_cast<size_t>(image.channels)
                                 : 0;
  if (!shaped || image.pixels.size() != expected)
    fail(Fault::internal, "encode_png: a picture of {}x{} with {} channels and {} bytes; expected one that is filled",
         image.width, image.height, image.channels, image.pixels.size());
  Writer writer;
  if (!writer.info || !write_picture(writer, image, kColourTypes[image.channels - 1]))
    fail(Fault::device, "encode_png: cannot encode {}x{} pixels: {}; close other programs", image.width, image.height,
         writer.stream.message);
  return std::move(writer.stream.output);
}

}  // namespace duet
