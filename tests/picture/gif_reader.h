#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "duet/picture/font.h"

namespace duet {

/// A decoded GIF.
struct Gif {
  int width = 0, height = 0;
  bool repeats = false;
  std::vector<int> hundredths;
  std::vector<std::vector<Colour>> pictures;
};

/// Decodes encode_gif's output block by block according to the specification.
class GifReader {
 public:
  explicit GifReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Gif read() {
    EXPECT_EQ(text(6), "GIF89a");
    Gif gif;
    gif.width = word();
    gif.height = word();
    EXPECT_EQ(byte(), 0xf7);
    word();
    std::vector<Colour> palette(256);
    for (auto& colour : palette)
      for (auto& value : colour) value = static_cast<uint8_t>(byte());
    for (int kind = byte(); kind != 0x3b; kind = byte()) {
      if (kind == 0x21) {
        extension(gif);
        continue;
      }
      EXPECT_EQ(kind, 0x2c);
      for (const int expected : {0, 0, gif.width, gif.height}) EXPECT_EQ(word(), expected);
      EXPECT_EQ(byte(), 0);
      gif.pictures.emplace_back();
      for (const int index : pixels(gif.width * gif.height))
        gif.pictures.back().push_back(palette[static_cast<size_t>(index)]);
    }
    EXPECT_EQ(at_, bytes_.size()) << "more after the end";
    return gif;
  }

 private:
  int byte() { return at_ < bytes_.size() ? std::to_integer<int>(bytes_[at_++]) : 0x3b; }
  int word() {
    const int low = byte();
    return low | byte() << 8;
  }
  std::string text(int length) {
    std::string letters;
    for (int i = 0; i < length; ++i) letters += static_cast<char>(byte());
    return letters;
  }
  std::vector<int> blocks() {
    std::vector<int> all;
    for (int size = byte(); size > 0; size = byte())
      for (int i = 0; i < size; ++i) all.push_back(byte());
    return all;
  }
  void extension(Gif& gif) {
    const int label = byte();
    const auto content = blocks();
    if (label == 0xf9) gif.hundredths.push_back(content.at(1) | content.at(2) << 8);
    gif.repeats |= label == 0xff;
  }

  /// Welch's decoder, written against the specification and not against the encoder.
  std::vector<int> pixels(int count) {
    const int depth = byte(), clear = 1 << depth;
    const auto packed = blocks();
    std::vector<std::vector<int>> words;
    std::vector<int> out, last;
    int bits = depth + 1;
    size_t place = 0;
    const auto next = [&] {
      int code = 0;
      for (int i = 0; i < bits; ++i, ++place)
        if (place / 8 < packed.size()) code |= (packed[place / 8] >> (place % 8) & 1) << i;
      return code;
    };
    const auto reset = [&] {
      words.assign(static_cast<size_t>(clear) + 2, {});
      for (int i = 0; i < clear; ++i) words[static_cast<size_t>(i)] = {i};
      bits = depth + 1;
      last.clear();
    };
    reset();
    for (int code = next(); code != clear + 1; code = next()) {
      if (place > packed.size() * 8) {
        ADD_FAILURE() << "no end code";
        break;
      }
      if (code == clear) {
        reset();
        continue;
      }
      std::vector<int> word;
      if (code < static_cast<int>(words.size()))
        word = words[static_cast<size_t>(code)];
      else
        word = last, word.push_back(last.at(0));
      if (!last.empty() && words.size() < 4096) {
        last.push_back(word[0]);
        words.push_back(last);
        if (words.size() == size_t{1} << bits && bits < 12) ++bits;
      }
      out.insert(out.end(), word.begin(), word.end());
      last = word;
    }
    EXPECT_EQ(static_cast<int>(out.size()), count);
    return out;
  }

  std::span<const std::byte> bytes_;
  size_t at_ = 0;
};

}  // namespace duet
