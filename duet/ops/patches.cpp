#include "duet/ops/patches.h"

#include <algorithm>
#include <cstring>

namespace duet {

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
        const int64_t first = std::max<int64_t>(0, -left), last = std::clamp<int64_t>(width - left, first, k);
        for (int64_t ky = 0; ky < k; ++ky, out += k * channels) {
          const int64_t y = top + ky;
          const bool inside = y >= 0 && y < height;
          const int64_t begin_x = inside ? first : 0, end_x = inside ? last : 0;
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

}  // namespace duet
