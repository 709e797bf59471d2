#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "duet/core/error.h"
#include "duet/data/formats/folder.h"
#include "duet/data/inspect/inspect.h"
#include "duet/picture/codecs.h"
#include "tests/data/damage.h"
#include "tests/picture/encoded_pictures.h"

// Pictures are decoded as viewers show them, whatever their format.
namespace duet {
namespace {

using sample::animated_webp;
using sample::Bytes;
using sample::encode_tiff;
using sample::encode_webp;
using sample::picture;
using sample::Scratch;

/// A CMYK JPEG of inks (255 is full ink), stored inverted as usual.
Bytes encode_cmyk(const Image& inks, J_COLOR_SPACE stored, bool marked) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = static_cast<JDIMENSION>(inks.width);
  jpeg.image_height = static_cast<JDIMENSION>(inks.height);
  jpeg.input_components = 4;
  jpeg.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, stored);
  jpeg.write_Adobe_marker = marked ? TRUE : FALSE;
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  std::vector<uint8_t> row(static_cast<size_t>(inks.width) * 4);
  while (jpeg.next_scanline < jpeg.image_height) {
    const uint8_t* from = inks.at(0, static_cast<int>(jpeg.next_scanline));
    for (size_t i = 0; i < row.size(); ++i) row[i] = static_cast<uint8_t>(255 - from[i]);
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&jpeg, &pointer, 1);
  }
  jpeg_finish_compress(&jpeg);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  Bytes out(bytes, bytes + size);
  jpeg_destroy_compress(&jpeg);
  std::free(data);
  return out;
}

TEST(Cmyk, InksAreTakenAsStoredInvertedWithAdobesMarkerAndWithout) {
  // Red is magenta and yellow; yellow itself; half of black.
  const std::array<std::array<uint8_t, 4>, 3> inks = {{{0, 255, 255, 0}, {0, 0, 255, 0}, {0, 0, 0, 128}}};
  Image image = blank_image(24, 8, 4);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 24; ++x) std::copy_n(inks[static_cast<size_t>(x / 8)].begin(), 4, image.at(x, y));
  const std::array<std::array<int, 3>, 3> light = {{{255, 0, 0}, {255, 255, 0}, {127, 127, 127}}};
  for (const auto& [stored, marked] :
       {std::pair{JCS_CMYK, true}, std::pair{JCS_CMYK, false}, std::pair{JCS_YCCK, true}}) {
    const Image shown = decode_image(encode_cmyk(image, stored, marked), "ink.jpg");
    ASSERT_EQ(shown.channels, 3);
    for (int i = 0; i < 3; ++i)
      for (int c = 0; c < 3; ++c)
        EXPECT_NEAR(shown.at(8 * i + 4, 4)[c], light[static_cast<size_t>(i)][static_cast<size_t>(c)], 4)
            << "YCCK " << (stored == JCS_YCCK) << ", marked " << marked << ", colour " << i << ", channel " << c;
  }
}

TEST(WebP, GivesBackWhatWasWritten) {
  for (const int channels : {3, 4}) {
    const Image image = picture(37, 21, channels);
    const Bytes bytes = encode_webp(image);
    const Image back = decode_image(bytes, "a.webp");
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.pixels, image.pixels);
    EXPECT_EQ(declared_size(bytes), (PixelSize{37, 21}));
  }
}

TEST(WebP, OfAnAnimationTheFirstPictureIsRead) {
  const Image first = picture(12, 8, 3, 1), second = picture(12, 8, 3, 2);
  const Bytes bytes = animated_webp({first, second});
  const Image back = decode_image(bytes, "a.webp");
  EXPECT_EQ(fit_image(back, 0, 3).pixels, first.pixels);
  EXPECT_EQ(declared_size(bytes), (PixelSize{12, 8}));
}

TEST(WebP, ADeclaredHugePictureIsRefusedFromItsHeader) {
  const Bytes bytes = sample::extended_webp(0, 16'000, 16'000, {});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_NE(error_of([&] { decode_image(bytes, "a.webp"); }).find("a.webp: the WebP declares 16000x16000 pixels"),
            std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(100));
}

TEST(Tiff, GivesBackWhatWasWrittenHoweverItIsPacked) {
  for (int channels = 1; channels <= 4; ++channels)
    for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
      Image image = picture(37, 21, channels);
      if (channels % 2 == 0)  // where alpha is 0, premultiplied colours are lost
        for (size_t i = static_cast<size_t>(channels) - 1; i < image.pixels.size(); i += static_cast<size_t>(channels))
          image.pixels[i] = static_cast<uint8_t>(i % 3 ? 255 : 0);
      const Bytes bytes = encode_tiff(image, {.compression = compression});
      const Image back = decode_image(bytes, "a.tif");
      EXPECT_EQ(back.channels, channels);
      EXPECT_EQ(fit_image(back, 0, 3).pixels, fit_image(image, 0, 3).pixels) << channels << ", " << compression;
      EXPECT_EQ(declared_size(bytes), (PixelSize{37, 21}));
    }
}

TEST(Tiff, HalfTransparencyLiesOverWhite) {
  Image grey = blank_image(1, 1, 2), colour = blank_image(1, 1, 4);
  grey.pixels = {100, 128};
  colour.pixels = {200, 100, 0, 128};
  EXPECT_NEAR(fit_image(decode_image(encode_tiff(grey), "a.tif"), 0, 1).pixels[0], 177, 1);
  const auto shown = fit_image(decode_image(encode_tiff(colour), "a.tif"), 0, 3).pixels;
  const std::array light = {227, 177, 127};
  for (size_t c = 0; c < 3; ++c) EXPECT_NEAR(shown[c], light[c], 1);
}

TEST(Tiff, SixteenBitsAreRoundedToEight) {
  Image image = blank_image(4, 1, 1);  // two pixels of two bytes
  image.pixels = {0xff, 0xff, 0x00, 0x80};
  image.width = 2;
  EXPECT_EQ(decode_image(encode_tiff(image, {.bits = 16}), "a.tif").pixels, (std::vector<uint8_t>{255, 128}));
}

TEST(Tiff, WhiteMayBeZero) {
  Image image = blank_image(2, 1, 1);
  image.pixels = {0, 200};
  EXPECT_EQ(decode_image(encode_tiff(image, {.photometric = PHOTOMETRIC_MINISWHITE}), "a.tif").pixels,
            (std::vector<uint8_t>{255, 55}));
}

TEST(Tiff, TheBigKindIsReadToo) {
  const Image image = picture(9, 9, 3);
  EXPECT_EQ(decode_image(encode_tiff(image, {.mode = "w8"}), "a.tif").pixels, image.pixels);
}

TEST(Tiff, FloatingPointIsNamed) {
  Image image = blank_image(4, 1, 1);
  image.width = 1;
  EXPECT_EQ(
      error_of([&] { decode_image(encode_tiff(image, {.bits = 32, .format = SAMPLEFORMAT_IEEEFP}), "a.tif"); }),
      "a.tif: a TIFF of a kind that is not read (Sorry, can not handle images with 32-bit samples); expected grey "
      "or colours of whole numbers up to 16 bits; convert it to PNG, or to .npy");
}

TEST(Tiff, ADeclaredHugePictureIsRefusedFromItsHeader) {
  Bytes bytes = encode_tiff(picture(9, 9, 1));
  const auto first = static_cast<size_t>(std::to_integer<int>(bytes[4]) | std::to_integer<int>(bytes[5]) << 8);
  for (size_t at = first + 2; at + 12 <= bytes.size(); at += 12) {  // width and height, in entries of 12 bytes
    const int tag = std::to_integer<int>(bytes[at]) | std::to_integer<int>(bytes[at + 1]) << 8;
    if (tag == TIFFTAG_IMAGEWIDTH || tag == TIFFTAG_IMAGELENGTH) bytes[at + 8] = bytes[at + 9] = std::byte{0xea};
  }
  EXPECT_NE(error_of([&] { decode_image(bytes, "a.tif"); }).find("a.tif: the TIFF declares 60138x60138 pixels"),
            std::string::npos);
}

class DamagedFormat : public testing::TestWithParam<int> {
 protected:
  static Bytes whole() {
    switch (GetParam()) {
      case 0:
        return encode_webp(picture(40, 30, 4));
      case 1:
        return animated_webp({picture(20, 12, 3, 1), picture(20, 12, 3, 2)});
      case 2:
        return sample::webp_with_exif(picture(20, 12, 3), sample::exif(6));
      case 3:
        return encode_tiff(picture(40, 30, 3), {.compression = COMPRESSION_LZW, .orientation = 6});
      case 4:
        return encode_tiff(picture(40, 30, 2), {.compression = COMPRESSION_ADOBE_DEFLATE});
      default:
        return sample::png_with_exif(encode_png(picture(40, 30, 1)), sample::exif(6));
    }
  }
};

TEST_P(DamagedFormat, IsRefusedByNameOrWhole) {
  const Bytes bytes = whole();
  const std::string content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const int refused = try_damaged(content, 600, [](const std::string& damaged) {
    const auto copy = std::as_bytes(std::span(damaged));
    try {
      declared_size(copy);
      const Image image = decode_image(copy, "damaged");
      EXPECT_EQ(image.pixels.size(), static_cast<size_t>(image.width) * static_cast<size_t>(image.height) *
                                         static_cast<size_t>(image.channels));
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("damaged: ")) << error.what();
      throw;
    }
  });
  EXPECT_GT(refused, 50);
}

INSTANTIATE_TEST_SUITE_P(Formats, DamagedFormat, testing::Range(0, 6));

TEST(Alpha, InspectCountsItAndSaysItsRule) {
  const Scratch scratch;
  scratch.write("plain.png", picture(8, 8, 3));
  Image opaque = picture(8, 8, 4);
  for (size_t i = 3; i < opaque.pixels.size(); i += 4) opaque.pixels[i] = 255;
  scratch.write("opaque.png", opaque);
  scratch.write("colour.png", picture(8, 8, 4));
  scratch.write("grey.png", picture(8, 8, 2));
  scratch.write("web.webp", encode_webp(picture(8, 8, 4, 3)));
  for (const SourceOptions& options : {SourceOptions{.mixed_sizes = true}, SourceOptions{.resolution = 4}}) {
    const auto inspection = inspect(open_folder_source(scratch.path(), options));
    EXPECT_EQ(inspection.train.alpha, 4);
    EXPECT_EQ(inspection.train.transparent, 3);
    EXPECT_NE(
        to_text(inspection)
            .find("alpha       4 pictures with an alpha channel (3 transparent somewhere), composited over white\n"),
        std::string::npos)
        << to_text(inspection);
  }
}

TEST(PictureFiles, TheContentDecidesWhateverTheEnding) {
  const Scratch scratch;
  scratch.write("a.jpg", picture(8, 8, 3, 1));
  scratch.write("b.PNG", sample::encode_jpeg(picture(8, 8, 3, 2)));
  scratch.write("c.jpeg", encode_webp(picture(8, 8, 3, 3)));
  scratch.write("d.webp", encode_tiff(picture(8, 8, 3, 4)));
  for (const char* ending : {"JPG", "jpe", "jfif", "JFIF", "pjpeg"})
    scratch.write(std::string("e.") + ending, sample::encode_jpeg(picture(8, 8, 3, 5)));
  scratch.write("f.TIF", encode_tiff(picture(8, 8, 3, 6)));
  scratch.write("without_ending", picture(8, 8, 3, 7));
  scratch.write("LICENSE", "a text");
  const auto data = open_folder(scratch.path(), {});
  ASSERT_EQ(data->info().size, 11);
  EXPECT_EQ(data->info().left_out.endings, (std::map<std::string, int64_t>{{"", 1}}));
  std::vector<uint8_t> out(static_cast<size_t>(data->info().shape.numel()));
  for (int64_t i = 0; i < data->info().size; ++i) EXPECT_NO_THROW(data->read(i, out.data())) << data->where(i);
}

}  // namespace
}  // namespace duet
