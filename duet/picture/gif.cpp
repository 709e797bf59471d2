// The Graphics Interchange Format of CompuServe, 89a, and its variable-length-code LZW compression (Welch 1984).
#include "duet/picture/gif.h"

#include <algorithm>
#include <string_view>

#include "duet/core/error.h"
#include "duet/picture/palette.h"

namespace duet {
namespace {

class Bytes {
 public:
  void byte(int value) { all.push_back(static_cast<std::byte>(value)); }
  void word(int value) {
    byte(value & 255);
    byte(value >> 8);
  }
  void text(std::string_view letters) {
    for (const char letter : letters) byte(static_cast<unsigned char>(letter));
  }
  std::vector<std::byte> all;
};

/// Codes of up to 12 bits, packed from the lowest bit into blocks of at most 255 bytes.
class CodeWriter {
 public:
  explicit CodeWriter(Bytes& out) : out_(out) {}

  void write(int code, int bits) {
    held_ |= static_cast<uint32_t>(code) << count_;
    for (count_ += bits; count_ >= 8; count_ -= 8, held_ >>= 8) push(static_cast<uint8_t>(held_ & 255));
  }
  void end() {
    if (count_ > 0) push(static_cast<uint8_t>(held_ & 255));
    flush();
    out_.byte(0);
  }

 private:
  void push(uint8_t byte) {
    block_.push_back(byte);
    if (block_.size() == 255) flush();
  }
  void flush() {
    if (block_.empty()) return;
    out_.byte(static_cast<int>(block_.size()));
    for (const uint8_t byte : block_) out_.byte(byte);
    block_.clear();
  }

  Bytes& out_;
  std::vector<uint8_t> block_;
  uint32_t held_ = 0;
  int count_ = 0;
};

void compress(std::span<const uint8_t> pixels, Bytes& out) {
  constexpr int kDepth = 8, kClear = 1 << kDepth, kEnd = kClear + 1, kMostCodes = 4096;
  out.byte(kDepth);
  CodeWriter codes(out);
  // A word is identified by its prefix word and last pixel; 0 means none, because no word has that number.
  std::vector<uint16_t> words(size_t{kMostCodes} << kDepth);
  int next = kEnd + 1, bits = kDepth + 1;
  codes.write(kClear, bits);
  int word = pixels[0];
  for (const uint8_t pixel : pixels.subspan(1)) {
    auto& longer = words[(static_cast<size_t>(word) << kDepth) | pixel];
    if (longer != 0) {
      word = longer;
      continue;
    }
    codes.write(word, bits);
    word = pixel;
    if (next < kMostCodes) {
      // The decoder knows a word one code later, so the width grows once its number needs it.
      if (next == 1 << bits) ++bits;
      longer = static_cast<uint16_t>(next++);
      continue;
    }
    codes.write(kClear, bits);
    std::fill(words.begin(), words.end(), 0);
    next = kEnd + 1;
    bits = kDepth + 1;
  }
  codes.write(word, bits);
  // The decoder has entered one more word by now.
  if (next == 1 << bits && bits < 12) ++bits;
  codes.write(kEnd, bits);
  codes.end();
}

void write_head(const Image& first, const Palette& palette, Bytes& out) {
  constexpr int kGlobalPaletteOf256 = 0x80 | 0x70 | 7;
  out.text("GIF89a");
  out.word(first.width);
  out.word(first.height);
  out.byte(kGlobalPaletteOf256);
  out.word(0);  // background, and pixels that are square
  for (size_t i = 0; i < 256; ++i)
    for (int c = 0; c < 3; ++c) out.byte(i < palette.colours().size() ? palette.colours()[i][c] : 0);
  out.text("\x21\xff\x0bNETSCAPE2.0\x03\x01");  // application extension; 0 means forever
  out.word(0);
  out.byte(0);
}

void write_picture(const Image& picture, int hundredths, const Palette& palette, Bytes& out) {
  out.text("\x21\xf9\x04\x04");  // shown until the next picture is drawn over it
  out.word(hundredths);
  out.word(0);  // no transparent colour; end of the block
  out.byte(0x2c);
  out.word(0);
  out.word(0);
  out.word(picture.width);
  out.word(picture.height);
  out.byte(0);
  std::vector<uint8_t> pixels;
  for (size_t i = 0; i < picture.pixels.size(); i += static_cast<size_t>(picture.channels))
    pixels.push_back(palette.index(picture.pixels.data() + i, picture.channels));
  compress(pixels, out);
}

}  // namespace

std::vector<std::byte> encode_gif(std::span<const Image> pictures, std::span<const int> hundredths) {
  constexpr int kMostSide = 65'535;
  const bool alike = !pictures.empty() && pictures.size() == hundredths.size() &&
                     std::all_of(pictures.begin(), pictures.end(), [&](const Image& picture) {
                       return picture.width == pictures[0].width && picture.height == pictures[0].height &&
                              !picture.pixels.empty() && std::max(picture.width, picture.height) <= kMostSide &&
                              (picture.channels == 1 || picture.channels == 3);
                     });
  if (!alike)
    fail(Fault::internal, "encode_gif: {} pictures and {} times; expected as many of both, pictures of one size",
         pictures.size(), hundredths.size());
  const Palette palette(pictures);
  Bytes out;
  write_head(pictures[0], palette, out);
  for (size_t i = 0; i < pictures.size(); ++i) write_picture(pictures[i], hundredths[i], palette, out);
  out.byte(0x3b);
  return std::move(out.all);
}

}  // namespace duet
