#include "duet/picture/palette.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace duet {
namespace {

constexpr int kBits = 6, kLost = 8 - kBits;
constexpr size_t kMostColours = 256;

/// A colour with six bits per channel, and its frequency.
struct Cell {
  std::array<uint8_t, 3> at{};
  uint64_t count = 0;
};

using Cells = std::vector<Cell>;

/// A box of colours that becomes one palette colour.
struct Box {
  Cells::iterator begin, end;

  /// The channel with the widest range of values, and that range.
  std::pair<int, int> widest() const {
    std::pair<int, int> most{0, -1};
    for (int c = 0; c < 3; ++c) {
      const auto [low, high] =
          std::minmax_element(begin, end, [c](const Cell& a, const Cell& b) { return a.at[c] < b.at[c]; });
      if (const int reach = high->at[c] - low->at[c]; reach > most.second) most = {c, reach};
    }
    return most;
  }
  uint64_t count() const {
    uint64_t sum = 0;
    for (auto cell = begin; cell != end; ++cell) sum += cell->count;
    return sum;
  }
};

size_t cell_index(const uint8_t* pixel, int channels) {
  const uint8_t red = pixel[0], green = pixel[channels == 3 ? 1 : 0], blue = pixel[channels == 3 ? 2 : 0];
  return (static_cast<size_t>(red >> kLost) << (2 * kBits)) | (static_cast<size_t>(green >> kLost) << kBits) |
         static_cast<size_t>(blue >> kLost);
}

Cells occupied_cells(std::span<const Image> pictures) {
  std::vector<uint64_t> counts(size_t{1} << (3 * kBits));
  for (const auto& picture : pictures)
    for (size_t i = 0; i < picture.pixels.size(); i += static_cast<size_t>(picture.channels))
      ++counts[cell_index(picture.pixels.data() + i, picture.channels)];
  Cells cells;
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0)
      cells.push_back({{static_cast<uint8_t>(i >> (2 * kBits)), static_cast<uint8_t>((i >> kBits) & 63),
                        static_cast<uint8_t>(i & 63)},
                       counts[i]});
  return cells;
}

/// Cuts a box so that half of its pixels are on each side.
Box cut(Box& box) {
  const int channel = box.widest().first;
  std::sort(box.begin, box.end, [channel](const Cell& a, const Cell& b) {
    return a.at[channel] != b.at[channel] ? a.at[channel] < b.at[channel] : a.at < b.at;
  });
  const uint64_t half = box.count() / 2;
  uint64_t below = 0;
  auto middle = box.begin;
  while (middle + 1 != box.end && (below += middle->count) < half) ++middle;
  middle = std::clamp(middle, box.begin + 1, box.end - 1);
  const Box upper{middle, box.end};
  box.end = middle;
  return upper;
}

Colour mean_of(const Box& box) {
  const double count = static_cast<double>(box.count());
  Colour colour{};
  for (int c = 0; c < 3; ++c) {
    double sum = 0;
    for (auto cell = box.begin; cell != box.end; ++cell) sum += static_cast<double>(cell->count) * cell->at[c];
    colour[c] = static_cast<uint8_t>(std::clamp(255 * sum / count / 63 + 0.5, 0.0, 255.0));
  }
  return colour;
}

}  // namespace

Palette::Palette(std::span<const Image> pictures) {
  if (std::all_of(pictures.begin(), pictures.end(), [](const Image& picture) { return picture.channels == 1; })) {
    for (int value = 0; value < 256; ++value)
      colours_.push_back({static_cast<uint8_t>(value), static_cast<uint8_t>(value), static_cast<uint8_t>(value)});
    return;
  }
  auto cells = occupied_cells(pictures);
  std::vector<Box> boxes{{cells.begin(), cells.end()}};
  while (boxes.size() < kMostColours) {
    // Both width and number of pixels make a box worth splitting.
    const auto worth = [](const Box& box) { return static_cast<double>(box.widest().second) * box.count(); };
    auto largest =
        std::max_element(boxes.begin(), boxes.end(), [&](const Box& a, const Box& b) { return worth(a) < worth(b); });
    if (largest->end - largest->begin < 2) break;
    const auto upper = cut(*largest);
    boxes.push_back(upper);
  }
  index_.resize(size_t{1} << (3 * kBits));
  for (const auto& box : boxes) {
    for (auto cell = box.begin; cell != box.end; ++cell)
      index_[(static_cast<size_t>(cell->at[0]) << (2 * kBits)) | (static_cast<size_t>(cell->at[1]) << kBits) |
             cell->at[2]] = static_cast<uint8_t>(colours_.size());
    colours_.push_back(mean_of(box));
  }
}

uint8_t Palette::index(const uint8_t* pixel, int channels) const {
  return index_.empty() ? pixel[0] : index_[cell_index(pixel, channels)];
}

}  // namespace duet
