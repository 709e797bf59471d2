#include <gtest/gtest.h>

#include "duet/picture/codecs.h"
#include "tests/picture/encoded_pictures.h"

namespace duet {
namespace {

// Cameras and editors leave bytes between the segments of a JPEG, and viewers skip them.
TEST(JpegSegments, AreFoundBehindStrayBytes) {
  constexpr int kTurnedRight = 6;
  const auto plain = sample::jpeg_with_exif(sample::encode_jpeg(sample::picture(12, 8, 3)), sample::exif(kTurnedRight));
  for (const std::string_view stray : {std::string_view("\x0b"), std::string_view("\0\xff\0\0", 4),
                                       std::string_view("\xff"), std::string_view("ab\xff")}) {
    sample::Bytes bytes(plain.begin(), plain.begin() + 2);
    sample::append_number(bytes, 0xfffe, 2, false);  // a comment, so that the stray bytes are not at the beginning
    sample::append_number(bytes, 2, 2, false);
    sample::append(bytes, stray);
    sample::append(bytes, std::span(plain).subspan(2));
    const Image image = decode_image(bytes, "a picture");
    EXPECT_EQ(image.width, 8);
    EXPECT_EQ(image.height, 12);
    EXPECT_EQ(stored_orientation(bytes), kTurnedRight);
    EXPECT_EQ(declared_size(bytes), (PixelSize{8, 12}));
  }
}

TEST(JpegSegments, AreFoundBehindMarkersWithoutContent) {
  const auto plain = sample::jpeg_with_exif(sample::encode_jpeg(sample::picture(12, 8, 3)), sample::exif(6));
  for (const int marker : {0x01, 0xd0, 0xd7}) {
    sample::Bytes bytes(plain.begin(), plain.begin() + 2);
    sample::append_number(bytes, 0xff00 + marker, 2, false);
    sample::append(bytes, std::span(plain).subspan(2));
    EXPECT_EQ(stored_orientation(bytes), 6) << marker;
    EXPECT_EQ(declared_size(bytes), (PixelSize{8, 12})) << marker;
  }
}

}  // namespace
}  // namespace duet
