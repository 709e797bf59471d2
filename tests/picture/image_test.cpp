#include "duet/picture/image.h"

#include <gtest/gtest.h>
#include <png.h>
#include <zlib.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>

#include "duet/core/error.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

using sample::encode_jpeg;
using sample::picture;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "(no error)";
}

/// A PNG of any type, written by libpng itself: `prepare` may add palette or transparency.
struct PngSpec {
  int width, height, bits, colour_type;
  bool interlaced = false;
  std::function<void(png_structp, png_infop)> prepare = [](png_structp, png_infop) {};
};

std::vector<std::byte> write_png_as(const PngSpec& spec, std::vector<std::vector<uint8_t>> rows) {
  std::vector<std::byte> out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp self, png_bytep data, size_t count) {
        auto* bytes = static_cast<std::vector<std::byte>*>(png_get_io_ptr(self));
        const auto* begin = reinterpret_cast<const std::byte*>(data);
        bytes->insert(bytes->end(), begin, begin + count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(spec.width), static_cast<png_uint_32>(spec.height), spec.bits,
               spec.colour_type, spec.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  spec.prepare(png, info);
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (auto& row : rows) pointers.push_back(row.data());
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

int largest_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.pixels.size(), b.pixels.size());
  int largest = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  return largest;
}

/// A PNG with nothing but a header that declares a size.
std::vector<std::byte> png_header(uint32_t width, uint32_t height) {
  std::vector<std::byte> bytes = encode_png(blank_image(1, 1, 1));
  for (int i = 0; i < 4; ++i) {
    bytes[16 + static_cast<size_t>(i)] = static_cast<std::byte>(width >> (24 - 8 * i));
    bytes[20 + static_cast<size_t>(i)] = static_cast<std::byte>(height >> (24 - 8 * i));
  }
  return bytes;
}

TEST(Png, GivesBackWhatWasWrittenWithOneToFourChannels) {
  for (int channels = 1; channels <= 4; ++channels) {
    const Image image = picture(37, 21, channels);
    const Image back = decode_image(encode_png(image), "test.png");
    EXPECT_EQ(back.width, 37);
    EXPECT_EQ(back.height, 21);
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.pixels, image.pixels) << channels << " channels";
  }
}

TEST(Png, OneThatDoesNotBeginWithItsHeaderIsDamaged) {
  auto bytes = encode_png(picture(9, 9, 3));
  // An empty chunk of an ignored type, with its checksum, before the header.
  const char chunk[] = "\0\0\0\0duEt";
  std::vector<std::byte> in_front;
  for (const char letter : std::string(chunk, 8)) in_front.push_back(static_cast<std::byte>(letter));
  auto sum = crc32(0, reinterpret_cast<const Bytef*>(in_front.data()) + 4, 4);
  for (int shift = 24; shift >= 0; shift -= 8) in_front.push_back(static_cast<std::byte>(sum >> shift));
  bytes.insert(bytes.begin() + 8, in_front.begin(), in_front.end());
  EXPECT_EQ(message_of([&] { decode_image(bytes, "test.png"); }),
            "test.png: damaged PNG (its header is not its first chunk); expected a whole, readable file; copy it again "
            "or remove it");
}

TEST(Png, TheSamePictureGivesTheSameBytes) { EXPECT_EQ(encode_png(picture(9, 9, 3)), encode_png(picture(9, 9, 3))); }

TEST(Png, SixteenBitsAreRoundedToEight) {
  const auto bytes = write_png_as({2, 1, 16, PNG_COLOR_TYPE_GRAY}, {{0xff, 0xff, 0x7f, 0xff}});
  const Image image = decode_image(bytes, "deep.png");
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{255, 127}));
}

TEST(Png, SixteenBitsWithColourAndTransparencyKeepFourChannels) {
  const auto bytes = write_png_as({1, 1, 16, PNG_COLOR_TYPE_RGB_ALPHA}, {{0xff, 0xff, 0, 0, 0x80, 0x80, 0x40, 0x40}});
  const Image image = decode_image(bytes, "deep.png");
  EXPECT_EQ(image.channels, 4);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{255, 0, 128, 64}));
}

TEST(Png, OneBitIsBlackAndWhite) {
  const auto bytes = write_png_as({8, 1, 1, PNG_COLOR_TYPE_GRAY}, {{0b10110001}});
  EXPECT_EQ(decode_image(bytes, "bits.png").pixels, (std::vector<uint8_t>{255, 0, 255, 255, 0, 0, 0, 255}));
}

TEST(Png, APaletteBecomesItsColours) {
  const auto palette = [](png_structp png, png_infop info) {
    const png_color colours[] = {{10, 20, 30}, {200, 100, 0}, {0, 0, 255}, {1, 2, 3}};
    png_set_PLTE(png, info, colours, 4);
  };
  const auto bytes = write_png_as({3, 1, 2, PNG_COLOR_TYPE_PALETTE, false, palette}, {{0b01001000}});
  const Image image = decode_image(bytes, "palette.png");
  EXPECT_EQ(image.channels, 3);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{200, 100, 0, 10, 20, 30, 0, 0, 255}));
}

TEST(Png, ATransparentPaletteEntryLiesOverWhite) {
  const auto palette = [](png_structp png, png_infop info) {
    const png_color colours[] = {{10, 20, 30}, {200, 100, 0}};
    const png_byte alpha[] = {0};
    png_set_PLTE(png, info, colours, 2);
    png_set_tRNS(png, info, alpha, 1, nullptr);
  };
  const auto bytes = write_png_as({2, 1, 8, PNG_COLOR_TYPE_PALETTE, false, palette}, {{0, 1}});
  const Image image = decode_image(bytes, "palette.png");
  EXPECT_EQ(image.channels, 4);
  EXPECT_EQ(fit_image(image, 0, 3).pixels, (std::vector<uint8_t>{255, 255, 255, 200, 100, 0}));
}

TEST(Png, AnInterlacedPictureIsWhole) {
  const Image image = picture(19, 13, 3);
  std::vector<std::vector<uint8_t>> rows;
  for (int y = 0; y < image.height; ++y) rows.emplace_back(image.at(0, y), image.at(0, y) + 19 * 3);
  const auto bytes = write_png_as({19, 13, 8, PNG_COLOR_TYPE_RGB, true}, rows);
  EXPECT_EQ(decode_image(bytes, "interlaced.png").pixels, image.pixels);
}

TEST(Png, ADeclaredHugePictureIsRefusedFromItsHeader) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(message_of([] { decode_image(png_header(60'000, 60'000), "bomb.png"); }),
            "bomb.png: the PNG declares 60000x60000 pixels; expected at least one, and at most 64 million and 32768 on "
            "a side; make it smaller or remove it");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(100));
}

TEST(Png, ADeclaredSizeOfNothingIsRefused) {
  EXPECT_NE(message_of([] { decode_image(png_header(0, 5), "empty.png"); }).find("declares 0x5 pixels"),
            std::string::npos);
}

TEST(Jpeg, ADeclaredHugePictureIsRefusedFromItsHeader) {
  auto bytes = encode_jpeg(picture(16, 16, 3));
  for (size_t i = 2; i + 9 < bytes.size(); ++i)
    if (bytes[i] == std::byte{0xff} && bytes[i + 1] == std::byte{0xc0}) {
      for (size_t k = 5; k < 9; ++k) bytes[i + k] = std::byte{0xea};
      break;
    }
  EXPECT_EQ(message_of([&] { decode_image(bytes, "bomb.jpg"); }),
            "bomb.jpg: the JPEG declares 60138x60138 pixels; expected at least one, and at most 64 million and 32768 "
            "on a side; make it smaller or remove it");
}

TEST(Jpeg, IsCloseToWhatWasWritten) {
  for (const int channels : {1, 3})
    for (const bool progressive : {false, true}) {
      Image image = blank_image(40, 24, channels);
      for (int y = 0; y < 24; ++y)
        for (int x = 0; x < 40; ++x) std::fill_n(image.at(x, y), channels, static_cast<uint8_t>(4 * x + 2 * y));
      const Image back = decode_image(encode_jpeg(image, progressive), "test.jpg");
      EXPECT_EQ(back.channels, channels);
      EXPECT_LE(largest_difference(back, image), 6) << channels << " channels, progressive " << progressive;
    }
}

TEST(Jpeg, InkOfFourColoursBecomesLight) {
  Image ink = blank_image(8, 8, 4);
  for (size_t i = 0; i < ink.pixels.size(); i += 4) ink.pixels[i + 0] = 255, ink.pixels[i + 3] = 200;
  const Image image = decode_image(encode_jpeg(ink), "ink.jpg");  // libjpeg marks it Adobe: 255 is no ink
  EXPECT_EQ(image.channels, 3);
  EXPECT_NEAR(image.pixels[0], 200, 4);
  EXPECT_NEAR(image.pixels[1], 0, 4);
  EXPECT_NEAR(image.pixels[2], 0, 4);
}

TEST(Jpeg, WithScansWithoutEndIsRefused) {
  auto bytes = encode_jpeg(picture(16, 16, 1), true);
  const auto marker = [&](size_t at) {  // inside a scan 0xff is followed by 0
    return bytes[at] == std::byte{0xff} && bytes[at + 1] != std::byte{0};
  };
  size_t begin = 2;
  while (!(marker(begin) && bytes[begin + 1] == std::byte{0xda})) ++begin;
  size_t end = begin + 2;
  while (!marker(end)) ++end;
  const std::vector<std::byte> scan(bytes.begin() + static_cast<ptrdiff_t>(begin),
                                    bytes.begin() + static_cast<ptrdiff_t>(end));
  for (int i = 0; i < 300; ++i) bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(end), scan.begin(), scan.end());
  EXPECT_EQ(
      message_of([&] { decode_image(bytes, "scans.jpg"); }),
      "scans.jpg: damaged JPEG (more than 200 scans); expected a whole, readable file; copy it again or remove it");
}

TEST(Image, NamesBytesThatAreNoPicture) {
  const std::string gif = "GIF89a";
  EXPECT_EQ(message_of([&] { decode_image(std::as_bytes(std::span(gif)), "a.gif"); }),
            "a.gif: is not a picture that duet can read (it is a GIF); expected a PNG, JPEG, WebP, TIFF, PGM or PPM; "
            "convert or "
            "remove it");
  const std::string text = "a note";
  EXPECT_EQ(message_of([&] { decode_image(std::as_bytes(std::span(text)), "a.png"); }),
            "a.png: is not a picture that duet can read (it begins with 61 20 6e 6f); expected a PNG, JPEG, WebP, "
            "TIFF, PGM or PPM; "
            "convert or remove it");
  EXPECT_EQ(message_of([] { decode_image({}, "a.png"); }),
            "a.png: is empty; expected a PNG, JPEG, WebP, TIFF, PGM or PPM; copy it again or remove it");
}

class Damaged : public testing::TestWithParam<int> {
 protected:
  static std::vector<std::byte> whole() {
    switch (GetParam()) {
      case 0:
        return encode_png(picture(40, 30, 3));
      case 1:
        return encode_jpeg(picture(40, 30, 3));
      case 2:
        return encode_jpeg(picture(40, 30, 3), true);
      default: {
        const Image image = picture(40, 30, 4);
        std::vector<std::vector<uint8_t>> rows;
        for (int y = 0; y < 30; ++y) rows.emplace_back(image.at(0, y), image.at(0, y) + 160);
        return write_png_as({40, 30, 8, PNG_COLOR_TYPE_RGB_ALPHA, true}, rows);
      }
    }
  }
};

TEST_P(Damaged, EveryTruncationIsRefusedByName) {
  const auto bytes = whole();
  for (size_t part = 0; part < 50; ++part) {
    const auto cut = std::span(bytes).first(bytes.size() * part / 50);
    EXPECT_TRUE(message_of([&] { decode_image(cut, "cut"); }).starts_with("cut: ")) << part << " of 50";
  }
}

TEST_P(Damaged, FlippedBytesDecodeOrThrow) {
  const auto bytes = whole();
  int refused = 0;
  for (uint64_t round = 0; round < 400; ++round) {
    Random random(1, 2, round);
    auto flipped = bytes;
    for (int64_t i = 0; i <= random.below(4); ++i)
      flipped[static_cast<size_t>(random.below(static_cast<int64_t>(bytes.size())))] ^=
          static_cast<std::byte>(1 + random.below(255));
    try {
      const Image image = decode_image(flipped, "flipped");
      EXPECT_EQ(image.pixels.size(), static_cast<size_t>(image.width) * static_cast<size_t>(image.height) *
                                         static_cast<size_t>(image.channels));
    } catch (const Error& error) {
      ++refused;
      EXPECT_TRUE(std::string(error.what()).starts_with("flipped: "));
    }
  }
  EXPECT_GT(refused, 5);
}

INSTANTIATE_TEST_SUITE_P(Formats, Damaged, testing::Range(0, 4));

TEST(Fit, AConstantPictureStaysConstant) {
  for (const int size : {1, 7, 16, 33, 64, 100}) {
    const Image fitted = fit_image(blank_image(size, size, 3, 77), 33, 3);
    EXPECT_EQ(fitted.pixels, std::vector<uint8_t>(33 * 33 * 3, 77)) << "from " << size;
  }
}

TEST(Fit, AShrunkCheckerboardIsMidGrey) {
  Image board = blank_image(64, 64, 1);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x) *board.at(x, y) = (x + y) % 2 ? 255 : 0;
  for (const int64_t size : {8, 16, 21, 32}) {
    const Image fitted = fit_image(board, size, 1);
    for (const uint8_t value : fitted.pixels) EXPECT_NEAR(value, 127.5, 4.0) << "to " << size;
  }
}

TEST(Fit, HalvingWeighsFourPixelsInEachDirectionByATriangle) {
  Image row = blank_image(8, 8, 1);
  for (int y = 0; y < 8; ++y) *row.at(3, y) = 160;
  const Image fitted = fit_image(row, 4, 1);
  // The centres lie at 1, 3, 5, 7; pixel 3 (centre 3.5) is 0.5 from the second and 1.5 from the third, reach 2.
  EXPECT_EQ(*fitted.at(0, 0), 0);
  EXPECT_EQ(*fitted.at(1, 0), 60);
  EXPECT_EQ(*fitted.at(2, 0), 20);
  EXPECT_EQ(*fitted.at(3, 0), 0);
}

TEST(Fit, DoublingInterpolatesLinearly) {
  Image image = blank_image(2, 2, 1);
  *image.at(1, 0) = *image.at(1, 1) = 200;
  const Image fitted = fit_image(image, 4, 1);
  EXPECT_EQ(std::vector<uint8_t>(fitted.pixels.begin(), fitted.pixels.begin() + 4),
            (std::vector<uint8_t>{0, 50, 150, 200}));
}

TEST(Fit, TakesTheLargestCentredSquare) {
  Image wide = blank_image(8, 4, 3, 0);
  for (int y = 0; y < 4; ++y)
    for (int x = 2; x < 6; ++x) wide.at(x, y)[0] = 255;
  const Image fitted = fit_image(wide, 4, 3);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(fitted.pixels[static_cast<size_t>(i) * 3], 255);
}

TEST(Fit, ResolutionZeroKeepsTheSize) {
  const Image image = picture(8, 4, 3);
  const Image fitted = fit_image(image, 0, 3);
  EXPECT_EQ(fitted.width, 8);
  EXPECT_EQ(fitted.height, 4);
  EXPECT_EQ(fitted.pixels, image.pixels);
}

TEST(Fit, ConvertsBetweenGreyAndColour) {
  const Image grey = fit_image(blank_image(2, 2, 1, 90), 0, 3);
  EXPECT_EQ(grey.pixels, std::vector<uint8_t>(12, 90));
  Image green = blank_image(1, 1, 3);
  green.pixels[1] = 255;
  EXPECT_EQ(fit_image(green, 0, 1).pixels[0], 150);  // 0.587 * 255
}

TEST(Fit, LaysTransparencyOverWhite) {
  Image half = blank_image(1, 1, 2);
  half.pixels = {0, 128};
  EXPECT_EQ(fit_image(half, 0, 1).pixels[0], 127);
  half.pixels = {200, 255};
  EXPECT_EQ(fit_image(half, 0, 1).pixels[0], 200);
}

TEST(Png, IsWrittenToAFileAsEncoded) {
  const sample::Scratch scratch;
  const Image image = picture(5, 6, 3);
  write_png(scratch / "a.png", image);
  EXPECT_EQ(std::filesystem::file_size(scratch / "a.png"), encode_png(image).size());
}

}  // namespace
}  // namespace duet
