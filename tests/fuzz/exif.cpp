#include "duet/picture/exif.h"

#include <stdexcept>

#include "tests/fuzz/picture.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"
#include "tests/picture/encoded_pictures.h"

namespace duet {
namespace {

/// A WebP with EXIF data; its pixels are encoded once.
sample::Bytes webp_with_exif(const Image& image, std::span<const std::byte> exif) {
  static const auto still = sample::encode_webp(image);
  constexpr int kExif = 8;
  sample::Bytes chunks;
  sample::append(chunks, std::span(still).subspan(12));
  sample::append_chunk(chunks, "EXIF", exif);
  return sample::extended_webp(kExif, image.width, image.height, chunks);
}

void expect(bool right, const char* what) {
  if (!right) throw std::logic_error(what);
}

/// EXIF data alone, and in files of each format that supports it: all must give the same.
void read(std::span<const std::byte> bytes) {
  static const Image image = sample::picture(3, 2, 3);
  static const auto jpeg = sample::encode_jpeg(image), png = encode_png(image);
  constexpr size_t kMost = 60000;  // a segment of a JPEG holds 64 KiB
  const auto exif = bytes.first(std::min(bytes.size(), kMost));
  const int orientation = exif_orientation(exif);
  expect(orientation >= 1 && orientation <= 8, "an orientation that there is not");
  expect(stored_orientation(sample::jpeg_with_exif(jpeg, exif)) == orientation, "another orientation in a JPEG");
  const auto with_exif = sample::png_with_exif(png, exif);
  expect(stored_orientation(with_exif) == orientation, "another orientation in a PNG");
  const bool in_a_jpegs_way = text_of(exif).starts_with("Exif");
  expect(stored_orientation(webp_with_exif(image, exif)) == orientation || in_a_jpegs_way,
         "another orientation in a WebP");
  read_picture(with_exif);
  const int back = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
  expect(turned(turned(image, orientation), back).pixels == image.pixels, "a turn that is not undone by its inverse");
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (int orientation = 0; orientation <= 9; ++orientation)
    all.push_back(text_of(sample::exif(orientation, orientation % 2 == 0, orientation % 3 == 0 ? 4 : 3)));
  all.push_back(std::string("Exif\0\0", 6) + all[5]);
  return all;
}

}  // namespace

FuzzTarget fuzz_exif() { return {"exif", read, seeds, {}}; }

}  // namespace duet
