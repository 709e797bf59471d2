#include <algorithm>
#include <cmath>

#include "duet/picture/image.h"

// fit_image: crop, convert colours, then a separable resize whose triangle filter widens with the reduction, so that
// every source pixel counts and nothing aliases.

namespace duet {
namespace {

/// For each output position the window of input positions that it averages; the weights of a window sum to 1.
struct Taps {
  std::vector<int> first;
  std::vector<int> count;
  std::vector<float> weights;  ///< `stride` of them per output position
  size_t stride = 0;
};

Taps triangle_taps(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double reach = std::max(scale, 1.0);
  Taps taps;
  taps.stride = static_cast<size_t>(std::ceil(reach)) * 2 + 1;
  taps.weights.resize(static_cast<size_t>(to) * taps.stride);
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(std::floor(centre - reach + 0.5)));
    const int last = std::min(from, static_cast<int>(std::floor(centre + reach + 0.5)));
    float* weights = taps.weights.data() + static_cast<size_t>(i) * taps.stride;
    double sum = 0;
    for (int x = first; x < last; ++x) sum += std::max(0.0, 1.0 - std::abs(x + 0.5 - centre) / reach);
    for (int x = first; x < last; ++x)
      weights[x - first] = static_cast<float>(std::max(0.0, 1.0 - std::abs(x + 0.5 - centre) / reach) / sum);
    taps.first.push_back(first);
    taps.count.push_back(last - first);
  }
  return taps;
}

template <int Channels>
void resize_row(const uint8_t* in, const Taps& taps, std::vector<float>& out) {
  for (size_t i = 0; i < taps.first.size(); ++i) {
    const float* weights = taps.weights.data() + i * taps.stride;
    const uint8_t* pixel = in + static_cast<size_t>(taps.first[i]) * Channels;
    float sum[Channels] = {};
    for (int k = 0; k < taps.count[i]; ++k, pixel += Channels)
      for (int c = 0; c < Channels; ++c) sum[c] += weights[k] * static_cast<float>(pixel[c]);
    std::copy(sum, sum + Channels, out.data() + i * Channels);
  }
}

Image resize_square(const Image& image, int side) {
  const Taps taps = triangle_taps(image.width, side);
  const size_t row_size = static_cast<size_t>(side) * static_cast<size_t>(image.channels);
  std::vector<std::vector<float>> rows(static_cast<size_t>(image.height));
  Image out = blank_image(side, side, image.channels);
  std::vector<float> sum(row_size);
  int next = 0, gone = 0;
  for (int y = 0; y < side; ++y) {
    const auto i = static_cast<size_t>(y);
    const int first = taps.first[i], last = first + taps.count[i];
    // Windows move downwards only, so each source row is resized once and discarded after its last window.
    for (; next < last; ++next) {
      auto& row = rows[static_cast<size_t>(next)];
      row.resize(row_size);
      image.channels == 1 ? resize_row<1>(image.at(0, next), taps, row) : resize_row<3>(image.at(0, next), taps, row);
    }
    for (; gone < first; ++gone) rows[static_cast<size_t>(gone)] = {};
    std::fill(sum.begin(), sum.end(), 0.5F);  // 0.5 for rounding to nearest
    for (int k = first; k < last; ++k) {
      const float weight = taps.weights[i * taps.stride + static_cast<size_t>(k - first)];
      const std::vector<float>& row = rows[static_cast<size_t>(k)];
      for (size_t x = 0; x < row_size; ++x) sum[x] += weight * row[x];
    }
    std::transform(sum.begin(), sum.end(), out.at(0, y),
                   [](float value) { return static_cast<uint8_t>(std::clamp(value, 0.0F, 255.0F)); });
  }
  return out;
}

uint8_t over_white(int value, int alpha) { return static_cast<uint8_t>((value * alpha + 127) / 255 + 255 - alpha); }

/// ITU-R BT.601 luma, as most image libraries compute it.
uint8_t luma(int red, int green, int blue) {
  return static_cast<uint8_t>((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

/// The crop of `image` with 1 or 3 opaque channels.
Image convert_window(const Image& image, int left, int top, int width, int height, int channels) {
  Image out = blank_image(width, height, channels);
  const bool colour = image.channels >= 3, alpha = image.channels % 2 == 0;
  const auto row_bytes = static_cast<size_t>(width) * static_cast<size_t>(channels);
  for (int y = 0; y < height; ++y) {
    const uint8_t* in = image.at(left, top + y);
    uint8_t* to = out.at(0, y);
    if (image.channels == channels) {
      std::copy(in, in + row_bytes, to);
      continue;
    }
    for (int x = 0; x < width; ++x, in += image.channels, to += channels) {
      uint8_t rgb[3] = {in[0], in[colour ? 1 : 0], in[colour ? 2 : 0]};
      if (alpha)
        for (uint8_t& value : rgb) value = over_white(value, in[image.channels - 1]);
      if (channels == 1)
        to[0] = colour ? luma(rgb[0], rgb[1], rgb[2]) : rgb[0];
      else
        std::copy(rgb, rgb + 3, to);
    }
  }
  return out;
}

}  // namespace

Image fit_image(const Image& image, int64_t resolution, int64_t channels) {
  const int out_channels = static_cast<int>(channels);
  if (resolution == 0) return convert_window(image, 0, 0, image.width, image.height, out_channels);
  const int side = std::min(image.width, image.height);
  Image square = convert_window(image, (image.width - side) / 2, (image.height - side) / 2, side, side, out_channels);
  return side == resolution ? square : resize_square(square, static_cast<int>(resolution));
}

}  // namespace duet
