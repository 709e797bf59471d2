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
  const int64_t rows = window.rows(height), columns = window.columns(width), high = window.kernel.height;
  auto patches = torch::empty({n * rows * columns, window.kernel.area() * channels}, torch::kBFloat16);
  const auto* from = reinterpret_cast<const uint16_t*>(picture.data_ptr());
  auto* to = reinterpret_cast<uint16_t*>(patches.data_ptr());
  // Rows of a window lie together in a picture with its margin of zeros, so they are copied in whole pieces; what a
  // piece writes too much, the next one overwrites.
  constexpr int64_t kPiece = 16;
  const int64_t above = window.padding.height, beside = window.padding.width;
  const int64_t wide = (width + 2 * beside) * channels, row = window.kernel.width * channels;
  at::parallel_for(0, n, 1, [&](int64_t begin, int64_t end) {
    std::vector<uint16_t> framed(static_cast<size_t>((height + 2 * above) * wide + kPiece), 0);
    for (int64_t example = begin; example < end; ++example) {
      for (int64_t y = 0; y < height; ++y)
        std::memcpy(framed.data() + (y + above) * wide + beside * channels,
                    from + (example * height + y) * width * channels,
                    static_cast<size_t>(width * channels) * sizeof(uint16_t));
      auto* out = to + example * rows * columns * high * row;
      const auto* last = out + rows * columns * high * row - kPiece;
      for (int64_t line = 0; line < rows; ++line)
        for (int64_t column = 0; column < columns; ++column)
          for (int64_t ky = 0; ky < high; ++ky, out += row) {
            const auto* in =
                framed.data() + (line * window.stride.height + ky) * wide + column * window.stride.width * channels;
            if (out + row > last) {
              std::memcpy(out, in, static_cast<size_t>(row) * sizeof(uint16_t));
              continue;
            }
            for (int64_t i = 0; i < row; i += kPiece) std::memcpy(out + i, in + i, kPiece * sizeof(uint16_t));
          }
    }
  });
  return patches;
}

void add_up_patches(const Tensor& patches, const Window& window, const Tensor& picture) {
  const int64_t n = picture.size(0), channels = picture.size(1), height = picture.size(2), width = picture.size(3);
  const int64_t rows = window.rows(height), columns = window.columns(width), size = height * width * channels;
  const int64_t seen_at_once = window.kernel.area() * channels;
  const auto* from = patches.data_ptr<float>();
  const bool rounds = picture.scalar_type() == torch::kBFloat16;
  at::parallel_for(0, n, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> room(rounds ? static_cast<size_t>(size) : 0);
    for (int64_t example = begin; example < end; ++example) {
      auto* sums = rounds ? room.data() : picture.data_ptr<float>() + example * size;
      std::fill(sums, sums + size, 0.0F);
      const auto* patch = from + example * rows * columns * seen_at_once;
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column, patch += seen_at_once) {
          const int64_t top = row * window.stride.height - window.padding.height,
                        left = column * window.stride.width - window.padding.width;
          const auto [first_y, last_y] = inside(top, height, window.kernel.height);
          const auto [first_x, last_x] = inside(left, width, window.kernel.width);
          const int64_t count = (last_x - first_x) * channels;
          for (int64_t ky = first_y; ky < last_y; ++ky) {
            const auto* seen = patch + (ky * window.kernel.width + first_x) * channels;
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
