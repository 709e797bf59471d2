#include "duet/picture/film.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/picture/font.h"
#include "duet/picture/gif.h"

namespace duet {
namespace {

constexpr int kLabelHeight = kGlyphHeight + 6;
constexpr Colour kInk = {38, 38, 38};

/// First source pixel of output pixel `i`, for `from` source and `to` output pixels.
double edge(int i, int from, int to) { return static_cast<double>(i) * from / to; }

/// Area average: the mean of the source pixels that an output pixel covers, weighted by coverage.
Image shrunk(const Image& image, int width, int height) {
  if (width >= image.width && height >= image.height) return image;
  Image out = blank_image(width, height, image.channels);
  const double area = edge(1, image.width, width) * edge(1, image.height, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const double left = edge(x, image.width, width), right = edge(x + 1, image.width, width);
      const double top = edge(y, image.height, height), bottom = edge(y + 1, image.height, height);
      double sum[3] = {};
      for (int v = static_cast<int>(top); v < std::min<double>(image.height, std::ceil(bottom)); ++v)
        for (int u = static_cast<int>(left); u < std::min<double>(image.width, std::ceil(right)); ++u) {
          const double share = (std::min(right, u + 1.0) - std::max(left, double(u))) *
                               (std::min(bottom, v + 1.0) - std::max(top, double(v)));
          for (int c = 0; c < image.channels; ++c) sum[c] += share * image.at(u, v)[c];
        }
      for (int c = 0; c < image.channels; ++c)
        out.at(x, y)[c] = static_cast<uint8_t>(std::clamp(sum[c] / area + 0.5, 0.0, 255.0));
    }
  return out;
}

/// A sheet at a scale of at most 1, with its label below it.
Image picture_of(const Image& sheet, const std::string& label, double scale) {
  const auto length = [scale](int pixels) { return std::max(1, static_cast<int>(std::lround(scale * pixels))); };
  const auto small = shrunk(sheet, length(sheet.width), length(sheet.height));
  Image out = blank_image(small.width, small.height + kLabelHeight, small.channels, 255);
  std::copy(small.pixels.begin(), small.pixels.end(), out.pixels.begin());
  draw_text(out, 4, small.height + 4, fit_text(label, small.width - 8), kInk);
  return out;
}

std::vector<std::byte> at_scale(const std::vector<Image>& sheets, const std::vector<std::string>& labels,
                                double scale) {
  constexpr int kShown = 50, kLastShown = 250;
  std::vector<Image> pictures;
  for (size_t i = 0; i < sheets.size(); ++i) pictures.push_back(picture_of(sheets[i], labels[i], scale));
  std::vector<int> times(pictures.size(), kShown);
  times.back() = kLastShown;
  return encode_gif(pictures, times);
}

}  // namespace

std::vector<size_t> film_choice(size_t count, size_t most) {
  std::vector<size_t> chosen;
  const size_t shown = std::min(count, most);
  for (size_t i = 0; i < shown; ++i) chosen.push_back(shown > 1 ? i * (count - 1) / (shown - 1) : 0);
  return chosen;
}

std::vector<std::byte> film(const std::vector<Image>& sheets, const std::vector<std::string>& labels,
                            const FilmOptions& options) {
  std::vector<Image> shown;
  std::vector<std::string> names;
  for (size_t i = 0; i < sheets.size(); ++i) {
    if (sheets[i].width != sheets.back().width || sheets[i].height != sheets.back().height) continue;
    shown.push_back(fit_image(sheets[i], 0, sheets.back().channels == 1 ? 1 : 3));
    names.push_back(labels[i]);
  }
  if (shown.size() < 2) return {};
  double scale = std::min(1.0, static_cast<double>(options.side) / std::max(shown[0].width, shown[0].height));
  const double least = scale / 4;
  auto bytes = at_scale(shown, names, scale);
  while (bytes.size() > options.bytes && scale > least) {
    // The bytes grow about in proportion to the area; the estimate is slightly low, so that few tries are needed.
    const double ratio = std::sqrt(static_cast<double>(options.bytes) / static_cast<double>(bytes.size()));
    scale = std::max(least, scale * std::min(0.9, 0.97 * ratio));
    bytes = at_scale(shown, names, scale);
  }
  return bytes;
}

}  // namespace duet
