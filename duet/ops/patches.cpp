#include "duet/ops/patches.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace duet {

namespace {

/// The part of a window's row or column, beginning at `begin`, that lies in a picture of this size: first, last.
std::pair<int64_t, int64_t> inside(int64_t begin, int64_t size, int64_t kernel) {
  const auto first = std::clamp<int64_t>(-begin, 0, kernel);
  return {first, std::clamp<int64_t>(size - begin, first, kernel)};
}

}  // namespace

Tensor gather_patches(const Tensor& picture, const Window& window) {
  const int64_t n = picture.size(0), channels = picture.size(1), height = picture.size(2), width = picture.size(3);
  const auto side = [&](int64_t size) { return (size + 2 * window.padding - window.kernel) / window.stride + 1; };
  const int64_t rows = side(height), columns = side(width), k = window.kernel;
  auto patches = torch::empty({n * rows * columns, k * k * channels}, torch::kBFloat16);
  const auto* from = reinterpret_cast<const uint16_t*>(picture.data_ptr());
  auto* to = reinterpret_cast<uint16_t*>(patches.data_ptr());
  at::parallel_for(0, n * rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const auto* example = from + line / rows * height * width * channels;
      const int64_t top = line % rows * window.stride - window.padding;
      for (int64_t column = 0; column < columns; ++column) {
        auto* out = to + (line * columns + column) * k * k * channels;
        const int64_t left = column * window.stride - window.padding;
        const auto [first, last] = inside(left, width, k);
        for (int64_t ky = 0; ky < k; ++ky, out += k * channels) {
          const int64_t y = top + ky;
          const bool has_row = y >= 0 && y < height;
          const int64_t begin_x = has_row ? first : 0, end_x = has_row ? last : 0;
          std::fill(out, out + begin_x * channels, uint16_t{0});
          if (end_x > begin_x)
            std::memcpy(out + begin_x * channels, example + (y * width + left + begin_x) * channels,
                        static_cast<size_t>((end_x - begin_x) * channels) * sizeof(uint16_t));
          std::fill(out + end_x * channels, out + k * channels, uint16_t{0});
        }
      }
    }
  });
  return patches;
}

void add_up_patches(const Tensor& patches, const Window& window, const Tensor& picture) {
  const int64_t n = picture.size(0), channels = picture.size(1), height = picture.size(2), width = picture.size(3);
  const auto side = [&](int64_t size) { return (size + 2 * window.padding - window.kernel) / window.stride + 1; };
  const int64_t rows = side(height), columns = side(width), k = window.kernel, size = height * width * channels;
  const auto* from = patches.data_ptr<float>();
  const bool rounds = picture.scalar_type() == torch::kBFloat16;
  at::parallel_for(0, n, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> room(rounds ? static_cast<size_t>(size) : 0);
    for (int64_t example = begin; example < end; ++example) {
      auto* sums = rounds ? room.data() : picture.data_ptr<float>() + example * size;
      std::fill(sums, sums + size, 0.0F);
      const auto* patch = from + example * rows * columns * k * k * channels;
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column, patch += k * k * channels) {
          const int64_t top = row * window.stride - window.padding, left = column * window.stride - window.padding;
          const auto [first_y, last_y] = inside(top, height, k);
          const auto [first_x, last_x] = inside(left, width, k);
          const int64_t count = (last_x - first_x) * channels;
          for (int64_t ky = first_y; ky < last_y; ++ky) {
            const auto* seen = patch + (ky * k + first_x) * channels;
            auto* sum = sums + ((top + ky) * width + left + first_x) * channels;
            for (int64_t i = 0; i < count; ++i) sum[i] += seen[i];
          }
        }
      if (!rounds) continue;
      auto* out = picture.data_ptr<at::BFloat16>() + example * size;
      for (int64_t i = 0; i < size; ++i) out[i] = sums[i];
    }
  });
}

}  // namespace duet
