#include "duet/picture/exif.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "duet/core/error.h"
#include "duet/data/formats/archive.h"
#include "duet/data/formats/folder.h"
#include "duet/data/inspect/inspect.h"
#include "duet/picture/codecs.h"
#include "tests/data/formats/sample_archive.h"
#include "tests/picture/encoded_pictures.h"

namespace duet {
namespace {

using sample::encode_jpeg;
using sample::exif;
using sample::jpeg_with_exif;
using sample::Scratch;

constexpr int kBlock = 8;

/// Blocks of six greys, stored as "123/456".
Image blocks() {
  Image image = blank_image(3 * kBlock, 2 * kBlock, 3);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      std::fill_n(image.at(x, y), 3, static_cast<uint8_t>(40 * (y / kBlock * 3 + x / kBlock + 1)));
  return image;
}

/// The blocks of a picture, row by row.
std::string shown(const Image& image) {
  std::string text;
  for (int y = kBlock / 2; y < image.height; y += kBlock) {
    text += text.empty() ? "" : "/";
    for (int x = kBlock / 2; x < image.width; x += kBlock)
      text += static_cast<char>('0' + (image.at(x, y)[0] + 20) / 40);
  }
  return text;
}

/// What a viewer shows of "123/456" stored with each orientation.
const std::vector<std::string> kShown = {"123/456",  "321/654",  "654/321",  "456/123",
                                         "14/25/36", "41/52/63", "63/52/41", "36/25/14"};

/// The bytes of the same picture in a format, stored with an orientation.
struct Format {
  const char* name;
  std::vector<std::byte> (*bytes)(int orientation);
};

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

class Orientation : public testing::TestWithParam<Format> {};

TEST_P(Orientation, IsAppliedAsViewersDo) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto bytes = GetParam().bytes(orientation);
    const Image image = decode_image(bytes, "a picture");
    EXPECT_EQ(shown(image), kShown[static_cast<size_t>(orientation - 1)]) << orientation;
    EXPECT_EQ(declared_size(bytes), (PixelSize{image.width, image.height})) << orientation;
    EXPECT_EQ(stored_orientation(bytes), orientation);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Orientation,
    testing::Values(
        Format{"jpeg", [](int o) { return jpeg_with_exif(encode_jpeg(blocks()), exif(o)); }},
        Format{"jpeg_big_end_first", [](int o) { return jpeg_with_exif(encode_jpeg(blocks()), exif(o, false)); }},
        Format{"progressive_jpeg", [](int o) { return jpeg_with_exif(encode_jpeg(blocks(), true), exif(o)); }},
        Format{"jpeg_behind_other_segments",
               [](int o) {
                 const auto bytes = jpeg_with_exif(encode_jpeg(blocks()), exif(o, true, 4));
                 const std::string other = "http://ns.adobe.com/xap/1.0/";
                 return sample::with_segment(bytes, 0xe1, std::as_bytes(std::span(other)));
               }},
        Format{"png", [](int o) { return sample::png_with_exif(encode_png(blocks()), exif(o)); }},
        Format{"png_at_the_end",
               [](int o) { return sample::png_with_exif(encode_png(blocks()), exif(o, false), true); }},
        Format{"webp", [](int o) { return sample::webp_with_exif(blocks(), exif(o)); }},
        Format{"webp_with_the_prefix_of_jpeg",
               [](int o) {
                 sample::Bytes content;
                 sample::append(content, std::string_view("Exif\0\0", 6));
                 sample::append(content, exif(o));
                 return sample::webp_with_exif(blocks(), content);
               }},
        Format{"tiff", [](int o) { return sample::encode_tiff(blocks(), {.orientation = o}); }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Exif, WithoutASoundOrientationThePictureStandsAsItIsStored) {
  const auto stored = [](const sample::Bytes& tiff) { return exif_orientation(tiff); };
  EXPECT_EQ(stored(exif(6)), 6);
  for (const int value : {0, 9, 255}) EXPECT_EQ(stored(exif(value)), 1);
  EXPECT_EQ(stored(exif(6, true, 5)), 1) << "a fraction";
  EXPECT_EQ(stored({}), 1);
  auto wrong = exif(6);
  wrong[0] = std::byte{'X'};
  EXPECT_EQ(stored(wrong), 1);
  for (const size_t far : {size_t{0xff}, wrong.size()}) {
    auto tiff = exif(6);
    tiff[4] = static_cast<std::byte>(far), tiff[7] = std::byte{0xff};
    EXPECT_EQ(stored(tiff), 1) << "the directory lies beyond the end";
  }
  auto many = exif(1);
  many[8] = many[9] = std::byte{0xff};
  many[24] = std::byte{0x13};  // another tag instead of the orientation
  EXPECT_EQ(stored(many), 1) << "more entries than there are";
}

TEST(Exif, EveryDamageIsReadWithinTheBytes) {
  for (const bool little : {true, false}) {
    const auto whole = exif(8, little);
    for (size_t size = 0; size < whole.size(); ++size) {
      // A buffer of exactly this size, so that a sanitizer notices reading beyond it.
      const sample::Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      const int orientation = exif_orientation(cut);
      EXPECT_TRUE(orientation == 1 || orientation == 8);
    }
    for (uint64_t round = 0; round < 2000; ++round) {
      Random random(5, 1, round);
      auto damaged = whole;
      for (int i = 0; i < 3; ++i)
        damaged[static_cast<size_t>(random.below(static_cast<int64_t>(damaged.size())))] =
            static_cast<std::byte>(random.below(256));
      const int orientation = exif_orientation(damaged);
      EXPECT_TRUE(orientation >= 1 && orientation <= 8);
    }
  }
}

TEST(Exif, ADamagedSegmentLeavesThePictureAsItIs) {
  auto tiff = exif(6);
  tiff.resize(15);
  EXPECT_EQ(shown(decode_image(jpeg_with_exif(encode_jpeg(blocks()), tiff), "a.jpg")), "123/456");
}

TEST(Exif, TurningKeepsEveryChannel) {
  Image image = blank_image(2, 1, 4);
  for (size_t i = 0; i < 8; ++i) image.pixels[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(turned(image, 2).pixels, (std::vector<uint8_t>{4, 5, 6, 7, 0, 1, 2, 3}));
  const Image quarter = turned(image, 8);
  EXPECT_EQ(std::pair(quarter.width, quarter.height), std::pair(1, 2));
  EXPECT_EQ(quarter.pixels, (std::vector<uint8_t>{4, 5, 6, 7, 0, 1, 2, 3}));
}

/// The first picture of a data set of these files.
Image first_of(const Dataset& data) {
  const Shape& shape = data.info().shape;
  Image image = blank_image(static_cast<int>(shape.width), static_cast<int>(shape.height), 1);
  std::vector<uint8_t> planes(static_cast<size_t>(shape.numel()));
  data.read(0, planes.data());
  std::copy_n(planes.begin(), image.pixels.size(), image.pixels.begin());
  return image;
}

TEST(Exif, IsAppliedInFoldersAndArchives) {
  const Scratch scratch;
  const auto bytes = jpeg_with_exif(encode_jpeg(blocks()), exif(6));
  scratch.write("set/a.jpg", bytes);
  sample::write_tar(scratch / "a.tar", {{"a.jpg", bytes}});
  sample::write_tar(scratch / "a.zip", {{"a.jpg", bytes}}, archive_write_set_format_zip);
  for (const Source& source : {open_folder_source(scratch / "set", {}), open_archive(scratch / "a.tar", {}),
                               open_archive(scratch / "a.zip", {})}) {
    EXPECT_EQ(source.train->info().shape, (Shape{3, 3 * kBlock, 2 * kBlock}));
    EXPECT_EQ(shown(first_of(*source.train)), "41/52/63");
  }
  // The crop and the original size refer to the rotated picture.
  const auto fitted = open_folder_source(scratch / "set", {.resolution = 2 * kBlock, .channels = 3}).train;
  EXPECT_EQ(fitted->info().original, (Shape{3, 3 * kBlock, 2 * kBlock}));
  EXPECT_EQ(first_of(*fitted).at(kBlock / 2, kBlock)[0] / 40, 5) << "the middle of 41/52/63";
}

TEST(Exif, InspectSaysHowManyAreStoredTurned) {
  const Scratch scratch;
  for (int i = 1; i <= 8; ++i)
    scratch.write(std::to_string(i) + ".jpg", jpeg_with_exif(encode_jpeg(blocks()), exif(i)));
  const auto inspection = inspect(open_folder_source(scratch.path(), {.mixed_sizes = true}));
  EXPECT_EQ(inspection.train.turned, 7);
  EXPECT_EQ(inspection.train.other_size.count, 4) << "quarter turns exchange width and height";
  EXPECT_NE(to_text(inspection).find("turned      7 pictures stored turned, read as their EXIF orientation says"),
            std::string::npos);
  const auto fitted = inspect(open_folder_source(scratch.path(), {.resolution = 8, .mixed_sizes = true}));
  EXPECT_EQ(fitted.train.turned, 7);
}

}  // namespace
}  // namespace duet
