#include "tests/fuzz/picture.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"
#include "tests/picture/encoded_pictures.h"

namespace duet {
namespace {

std::string lossy(const Image& image) {
  uint8_t* data = nullptr;
  const auto encode = image.channels == 4 ? WebPEncodeRGBA : WebPEncodeRGB;
  const size_t size = encode(image.pixels.data(), image.width, image.height, image.width * image.channels, 70, &data);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  WebPFree(data);
  return bytes;
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const int channels : {3, 4}) {
    const auto image = sample::picture(7, 5, channels);
    all.push_back(text_of(sample::encode_webp(image)));
    all.push_back(lossy(image));
    all.push_back(text_of(sample::webp_with_exif(image, sample::exif(6))));
    all.push_back(text_of(sample::animated_webp({image, sample::picture(7, 5, channels, 1)})));
  }
  return all;
}

}  // namespace

FuzzTarget fuzz_webp() {
  return {"webp",
          [](auto bytes) {
            if (looks_like_webp(bytes)) read_picture(bytes);
          },
          seeds,
          {}};
}

}  // namespace duet
