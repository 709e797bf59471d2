#include <png.h>

#include "tests/fuzz/picture.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

void on_write(png_structp png, png_bytep data, size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(data), count);
}

/// A PNG of a kind that duet itself does not write.
std::string other_kind(int bits, int colour_type, bool interlaced) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &out, on_write, nullptr);
  png_set_IHDR(png, info, 7, 5, bits, colour_type, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_color palette[4] = {{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {9, 9, 255}};
  png_byte alpha[2] = {0, 128};
  if (colour_type == PNG_COLOR_TYPE_PALETTE) {
    png_set_PLTE(png, info, palette, 4);
    png_set_tRNS(png, info, alpha, 2, nullptr);
  }
  png_write_info(png, info);
  std::vector<std::vector<png_byte>> rows(5, std::vector<png_byte>(png_get_rowbytes(png, info), 0x1b));
  std::vector<png_bytep> pointers;
  for (auto& row : rows) pointers.push_back(row.data());
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (int channels = 1; channels <= 4; ++channels) all.push_back(text_of(encode_png(sample::picture(6, 5, channels))));
  for (const bool interlaced : {false, true}) {
    all.push_back(other_kind(1, PNG_COLOR_TYPE_GRAY, interlaced));
    all.push_back(other_kind(2, PNG_COLOR_TYPE_PALETTE, interlaced));
    all.push_back(other_kind(16, PNG_COLOR_TYPE_RGB_ALPHA, interlaced));
  }
  return all;
}

/// An ignored empty chunk before the header: our code did not find the declared size, libpng did.
std::string with_a_chunk_in_front() {
  const auto whole = text_of(encode_png(sample::picture(6, 5, 1)));
  return whole.substr(0, 8) + std::string("\0\0\0\0duEt\0\0\0\0", 12) + whole.substr(8);
}

}  // namespace

FuzzTarget fuzz_png() {
  return {"png",
          [](auto bytes) {
            if (looks_like_png(bytes)) read_picture(bytes);
          },
          seeds,
          {with_a_chunk_in_front()}};
}

}  // namespace duet
