#include <map>

#include "tests/fuzz/picture.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"
#include "tests/picture/encoded_pictures.h"

namespace duet {
namespace {

using Tags = std::map<int, std::vector<uint32_t>>;

/// A TIFF of kinds that the tests' encoder does not write: 16x16 grey, except for the changes of `other`.
std::string by_hand(const Tags& other, size_t data_bytes) {
  constexpr uint32_t kData = 8, kLong = 4;
  Tags tags{{TIFFTAG_IMAGEWIDTH, {16}},      {TIFFTAG_IMAGELENGTH, {16}},
            {TIFFTAG_BITSPERSAMPLE, {8}},    {TIFFTAG_COMPRESSION, {COMPRESSION_NONE}},
            {TIFFTAG_PHOTOMETRIC, {1}},      {TIFFTAG_STRIPOFFSETS, {kData}},
            {TIFFTAG_SAMPLESPERPIXEL, {1}},  {TIFFTAG_ROWSPERSTRIP, {16}},
            {TIFFTAG_STRIPBYTECOUNTS, {256}}};
  for (const auto& [tag, values] : other) tags[tag] = values;
  if (tags.contains(TIFFTAG_TILEWIDTH))
    for (const int tag : {TIFFTAG_STRIPOFFSETS, TIFFTAG_ROWSPERSTRIP, TIFFTAG_STRIPBYTECOUNTS}) tags.erase(tag);
  sample::Bytes out, behind;
  const auto directory = static_cast<uint32_t>(kData + data_bytes);
  const auto end = directory + 2 + 12 * static_cast<uint32_t>(tags.size()) + 4;
  sample::append(out, std::string_view("II*\0", 4));
  sample::append_number(out, directory, 4, true);
  for (size_t i = 0; i < data_bytes; ++i) out.push_back(static_cast<std::byte>(37 * i));
  sample::append_number(out, static_cast<uint32_t>(tags.size()), 2, true);
  for (const auto& [tag, values] : tags) {
    sample::append_number(out, static_cast<uint32_t>(tag), 2, true);
    sample::append_number(out, kLong, 2, true);
    sample::append_number(out, static_cast<uint32_t>(values.size()), 4, true);
    sample::append_number(out, values.size() == 1 ? values[0] : end + static_cast<uint32_t>(behind.size()), 4, true);
    if (values.size() == 1) continue;
    for (const auto value : values) sample::append_number(behind, value, 4, true);
  }
  sample::append_number(out, 0, 4, true);
  sample::append(out, behind);
  return text_of(out);
}

/// TIFFs as scanners, cameras and microscopes write them.
std::vector<std::string> others() {
  std::vector<uint32_t> palette(3 * 16);
  for (size_t i = 0; i < palette.size(); ++i) palette[i] = static_cast<uint32_t>(i * 1300);
  const Tags three{{TIFFTAG_SAMPLESPERPIXEL, {3}}, {TIFFTAG_BITSPERSAMPLE, {8, 8, 8}}};
  const auto with = [](Tags tags, Tags more) {
    tags.merge(more);
    return tags;
  };
  return {by_hand({{TIFFTAG_PHOTOMETRIC, {PHOTOMETRIC_PALETTE}},
                   {TIFFTAG_BITSPERSAMPLE, {4}},
                   {TIFFTAG_COLORMAP, palette},
                   {TIFFTAG_STRIPBYTECOUNTS, {128}}},
                  128),
          by_hand({{TIFFTAG_PHOTOMETRIC, {PHOTOMETRIC_MINISWHITE}},
                   {TIFFTAG_BITSPERSAMPLE, {1}},
                   {TIFFTAG_STRIPBYTECOUNTS, {32}}},
                  32),
          by_hand({{TIFFTAG_TILEWIDTH, {16}},
                   {TIFFTAG_TILELENGTH, {16}},
                   {TIFFTAG_TILEOFFSETS, {8}},
                   {TIFFTAG_TILEBYTECOUNTS, {256}}},
                  256),
          by_hand(with(three, {{TIFFTAG_PHOTOMETRIC, {PHOTOMETRIC_YCBCR}},
                               {TIFFTAG_YCBCRSUBSAMPLING, {2, 2}},
                               {TIFFTAG_STRIPBYTECOUNTS, {384}}}),
                  384),
          by_hand(with(three, {{TIFFTAG_PHOTOMETRIC, {PHOTOMETRIC_CIELAB}}, {TIFFTAG_STRIPBYTECOUNTS, {768}}}), 768),
          by_hand(with(three, {{TIFFTAG_PHOTOMETRIC, {PHOTOMETRIC_RGB}},
                               {TIFFTAG_PLANARCONFIG, {PLANARCONFIG_SEPARATE}},
                               {TIFFTAG_STRIPOFFSETS, {8, 264, 520}},
                               {TIFFTAG_STRIPBYTECOUNTS, {256, 256, 256}}}),
                  768)};
}

std::vector<std::string> seeds() {
  auto all = others();
  const auto add = [&](int channels, const sample::TiffSpec& spec) {
    auto image = sample::picture(9, 6, channels);
    image.pixels.resize(image.pixels.size() * 2, 0x5a);
    all.push_back(text_of(sample::encode_tiff(image, spec)));
  };
  for (int channels = 1; channels <= 4; ++channels) add(channels, {.orientation = 2 * channels});
  for (const int compression : {COMPRESSION_LZW, COMPRESSION_PACKBITS, COMPRESSION_ADOBE_DEFLATE})
    add(3, {.compression = compression});
  for (const int compression : {COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4})
    add(1, {.bits = 1, .compression = compression});
  add(1, {.bits = 16, .mode = "wb"});
  add(4, {.bits = 16, .mode = "w8"});
  add(1, {.bits = 16, .format = SAMPLEFORMAT_INT});
  add(4, {.photometric = PHOTOMETRIC_SEPARATED});
  return all;
}

}  // namespace

FuzzTarget fuzz_tiff() {
  return {"tiff",
          [](auto bytes) {
            if (looks_like_tiff(bytes)) read_picture(bytes);
          },
          seeds,
          {}};
}

}  // namespace duet
