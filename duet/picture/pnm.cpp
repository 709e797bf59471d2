#include <cctype>

#include "duet/core/error.h"
#include "duet/picture/bytes.h"
#include "duet/picture/codecs.h"

// Portable grey and pixel maps (Netpbm's PGM and PPM), as text ("P2", "P3") and binary ("P5", "P6").

namespace duet {
namespace {

constexpr const char* kName = "PGM or PPM";

/// Reads the numbers of a header, and the samples of the text forms.
class Numbers {
 public:
  explicit Numbers(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// The next number; none at the end, at another letter, or above 2^20.
  std::optional<int64_t> next() {
    constexpr int64_t kMost = int64_t{1} << 20;
    skip_blanks();
    if (!is_digit()) return {};
    int64_t value = 0;
    while (is_digit()) {
      value = value * 10 + (letter() - '0');
      if (value > kMost) return {};
      ++at_;
    }
    return value;
  }
  size_t at() const { return at_; }

 private:
  bool ended() const { return at_ >= bytes_.size(); }
  char letter() const { return static_cast<char>(bytes_[at_]); }
  bool is_digit() const { return !ended() && letter() >= '0' && letter() <= '9'; }
  void skip_blanks() {
    while (!ended() && (std::isspace(static_cast<unsigned char>(letter())) != 0 || letter() == '#'))
      if (letter() == '#')
        while (!ended() && letter() != '\n') ++at_;
      else
        ++at_;
  }

  std::span<const std::byte> bytes_;
  size_t at_ = 2;
};

struct Header {
  PixelSize size;
  int64_t most = 0;  ///< the sample of white
};

/// Reads a header; `numbers` is then behind it.
std::optional<Header> header_of(Numbers& numbers) {
  const auto width = numbers.next(), height = numbers.next(), most = numbers.next();
  if (!width || !height || !most || *most < 1 || *most > 65'535) return {};
  return Header{{*width, *height}, *most};
}

bool is_text(std::span<const std::byte> bytes) { return holds_at(bytes, 1, "2") || holds_at(bytes, 1, "3"); }
bool is_coloured(std::span<const std::byte> bytes) { return holds_at(bytes, 1, "3") || holds_at(bytes, 1, "6"); }

uint8_t to_8_bits(int64_t sample, int64_t most) {
  return static_cast<uint8_t>((std::min(sample, most) * 255 + most / 2) / most);
}

}  // namespace

bool looks_like_pnm(std::span<const std::byte> bytes) {
  if (bytes.size() < 3 || !holds_at(bytes, 0, "P")) return false;
  const auto kind = static_cast<char>(bytes[1]);
  return (kind == '2' || kind == '3' || kind == '5' || kind == '6') &&
         std::isspace(std::to_integer<unsigned char>(bytes[2])) != 0;
}

std::optional<PixelSize> pnm_size(std::span<const std::byte> bytes) {
  Numbers numbers(bytes);
  const auto header = header_of(numbers);
  return header ? std::optional(header->size) : std::nullopt;
}

int pnm_orientation(std::span<const std::byte>) { return 1; }

Image decode_pnm(std::span<const std::byte> bytes, const std::string& place) {
  Numbers numbers(bytes);
  const auto header = header_of(numbers);
  if (!header) fail_damaged(place, kName, "no width, height and largest value at its beginning");
  check_declared_size(header->size, kName, place);
  auto image = blank_image(static_cast<int>(header->size.width), static_cast<int>(header->size.height),
                           is_coloured(bytes) ? 3 : 1);
  if (is_text(bytes)) {
    for (auto& pixel : image.pixels) {
      const auto sample = numbers.next();
      if (!sample) fail_damaged(place, kName, "it ends early, or holds something other than numbers");
      pixel = to_8_bits(*sample, header->most);
    }
    return image;
  }
  const size_t width = header->most > 255 ? 2 : 1, first = numbers.at() + 1;  // one blank ends the header
  if (bytes.size() < first || (bytes.size() - first) / width < image.pixels.size())
    fail_damaged(place, kName, "it ends early");
  for (size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = to_8_bits(big_endian(bytes, first + i * width, width), header->most);
  return image;
}

}  // namespace duet
