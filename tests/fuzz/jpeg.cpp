#include "tests/fuzz/picture.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const int channels : {1, 3, 4})
    for (const bool progressive : {false, true})
      all.push_back(text_of(sample::encode_jpeg(sample::picture(17, 9, channels), progressive)));
  // A segment with the orientation, as cameras write it: TIFF tags, big endian.
  const std::string exif(
      "\xff\xe1\x00\x22"
      "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
      36);
  all.push_back(all[2].substr(0, 2) + exif + all[2].substr(2));
  // Stray bytes between two segments.
  all.push_back(all[2].substr(0, 2) + exif + std::string("\x0b\0\xff\0", 4) + all[2].substr(2));
  return all;
}

}  // namespace

FuzzTarget fuzz_jpeg() {
  return {"jpeg",
          [](auto bytes) {
            if (looks_like_jpeg(bytes)) read_picture(bytes);
          },
          seeds,
          {}};
}

}  // namespace duet
