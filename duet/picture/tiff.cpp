#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "duet/core/error.h"
#include "duet/picture/bytes.h"
#include "duet/picture/codecs.h"
#include "duet/picture/exif.h"

namespace duet {
namespace {

/// Source of libtiff's bytes, and its last error message.
struct Stream {
  std::span<const std::byte> bytes;
  size_t at = 0;
  char message[200] = "";
};

tmsize_t read_stream(thandle_t handle, void* out, tmsize_t count) {
  auto* stream = static_cast<Stream*>(handle);
  const size_t size = std::min(static_cast<size_t>(count), stream->bytes.size() - stream->at);
  std::memcpy(out, stream->bytes.data() + stream->at, size);
  stream->at += size;
  return static_cast<tmsize_t>(size);
}

toff_t seek_stream(thandle_t handle, toff_t offset, int whence) {
  auto* stream = static_cast<Stream*>(handle);
  const toff_t from = whence == SEEK_CUR ? stream->at : whence == SEEK_END ? stream->bytes.size() : 0;
  stream->at = std::min<toff_t>(from + offset, stream->bytes.size());
  return stream->at;
}

toff_t size_of_stream(thandle_t handle) { return static_cast<Stream*>(handle)->bytes.size(); }
tmsize_t write_stream(thandle_t, void*, tmsize_t) { return 0; }
int close_stream(thandle_t) { return 0; }

int on_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto* stream = static_cast<Stream*>(user);
  std::vsnprintf(stream->message, sizeof stream->message, format, arguments);
  return 1;  // do not call libtiff's own handler, which prints
}

int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using Handle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

/// Reads the first directory; null if that fails.
Handle open(Stream& stream) {
  constexpr tmsize_t kMostAtOnce = tmsize_t{512} << 20;  // a damaged header may request any amount
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &stream);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, nullptr);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostAtOnce);
  return {TIFFClientOpenExt("", "rm", &stream, read_stream, write_stream, seek_stream, close_stream, size_of_stream,
                            nullptr, nullptr, options.get()),
          TIFFClose};
}

PixelSize size_of(TIFF* tiff) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  return {width, height};
}

/// By calloc, whose memory is committed only when written: a tiny file may declare a large picture.
using Raster = std::unique_ptr<uint32_t, decltype(&std::free)>;

/// libtiff's own conversion to 8 bits of red, green, blue and alpha.
class Converter {
 public:
  explicit Converter(TIFF* tiff) : begun_(TIFFRGBAImageBegin(&image_, tiff, /*stop=*/1, message) != 0) {
    image_.req_orientation = image_.orientation;  // as stored: turned() also handles quarter turns
  }
  ~Converter() {
    if (begun_) TIFFRGBAImageEnd(&image_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool begun() const { return begun_; }
  /// The pixels; null where it cannot be decoded.
  Raster get() {
    Raster raster(static_cast<uint32_t*>(std::calloc(pixels(), sizeof(uint32_t))), std::free);
    if (!raster) throw std::bad_alloc();
    if (!TIFFRGBAImageGet(&image_, raster.get(), image_.width, image_.height)) raster.reset();
    return raster;
  }
  size_t pixels() const { return static_cast<size_t>(image_.width) * image_.height; }
  bool grey() const {
    return image_.photometric == PHOTOMETRIC_MINISBLACK || image_.photometric == PHOTOMETRIC_MINISWHITE;
  }
  bool alpha() const { return image_.alpha != 0; }
  /// libtiff premultiplies colours by alpha where the file has not, but leaves greys as they are.
  bool multiplied() const { return alpha() && (!grey() || image_.alpha == EXTRASAMPLE_ASSOCALPHA); }

  char message[1024] = "";

 private:
  TIFFRGBAImage image_{};
  bool begun_;
};

uint8_t divided(uint32_t value, uint32_t alpha) {
  return alpha == 0 ? 0 : static_cast<uint8_t>(std::min<uint32_t>(255, (value * 255 + alpha / 2) / alpha));
}

Image to_image(const Raster& raster, PixelSize size, const Converter& converter) {
  const int colours = converter.grey() ? 1 : 3;
  Image image =
      blank_image(static_cast<int>(size.width), static_cast<int>(size.height), colours + (converter.alpha() ? 1 : 0));
  uint8_t* out = image.pixels.data();
  for (const uint32_t pixel : std::span(raster.get(), converter.pixels())) {
    const uint32_t alpha = TIFFGetA(pixel), rgb[] = {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel)};
    for (int c = 0; c < colours; ++c)
      *out++ = converter.multiplied() ? divided(rgb[c], alpha) : static_cast<uint8_t>(rgb[c]);
    if (converter.alpha()) *out++ = static_cast<uint8_t>(alpha);
  }
  return image;
}

}  // namespace

bool looks_like_tiff(std::span<const std::byte> bytes) {
  for (const char* begin : {"II*\0", "MM\0*", "II+\0", "MM\0+"})
    if (holds_at(bytes, 0, std::string_view(begin, 4))) return true;
  return false;
}

std::optional<PixelSize> tiff_size(std::span<const std::byte> bytes) {
  Stream stream{bytes};
  const auto tiff = open(stream);
  if (!tiff) return {};
  return size_of(tiff.get());
}

int tiff_orientation(std::span<const std::byte> bytes) {
  Stream stream{bytes};
  const auto tiff = open(stream);
  uint16_t orientation = 1;
  if (!tiff || !TIFFGetField(tiff.get(), TIFFTAG_ORIENTATION, &orientation)) return 1;
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

Image decode_tiff(std::span<const std::byte> bytes, const std::string& place) {
  Stream stream{bytes};
  const auto tiff = open(stream);
  if (!tiff) fail_damaged(place, "TIFF", stream.message);
  const auto size = size_of(tiff.get());
  check_declared_size(size, "TIFF", place);
  Converter converter(tiff.get());
  if (!converter.begun())
    fail(Fault::data,
         "{}: a TIFF of a kind that is not read ({}); expected grey or colours of whole numbers up to 16 bits; convert "
         "it to PNG, or to .npy",
         place, converter.message[0] ? converter.message : stream.message);
  const auto raster = converter.get();
  if (!raster) fail_damaged(place, "TIFF", stream.message);
  return to_image(raster, size, converter);
}

}  // namespace duet
