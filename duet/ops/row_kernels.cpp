#include "duet/ops/row_kernels.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "duet/core/simd.h"

namespace duet {
namespace {

DUET_INLINE float read(float x) { return x; }
DUET_INLINE float read(uint16_t x) { return std::bit_cast<float>(static_cast<uint32_t>(x) << 16); }
DUET_INLINE void write(float& out, float x) { out = x; }
/// Rounds to the nearest bfloat16, ties to even.
DUET_INLINE void write(uint16_t& out, float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  out = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// Sums in float over this many rows before they join the doubles: short enough to lose nothing, long enough to be
/// fast.
constexpr int64_t kBlock = 64;

/// For every row and channel adds f(row, channel) = {u, v} to sum and product.
template <class Function>
DUET_INLINE void add_pairs(int64_t rows, int64_t channels, double* sum, double* product, Function f) {
  std::vector<float> room(static_cast<size_t>(2 * channels));
  float* __restrict u = room.data(), * __restrict v = room.data() + channels;
  for (int64_t first = 0; first < rows; first += kBlock) {
    std::fill(room.begin(), room.end(), 0.0F);
    for (int64_t row = first; row < std::min(rows, first + kBlock); ++row)
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) f(row * channels + c, c, u[c], v[c]);
    for (int64_t c = 0; c < channels; ++c) sum[c] += u[c], product[c] += v[c];
  }
}

template <class T>
DUET_INLINE void add_moments_of(const T* __restrict x, int64_t rows, int64_t channels, const float* __restrict origin,
                                double* sum, double* square) {
  add_pairs(rows, channels, sum, square, [=](int64_t i, int64_t c, float& u, float& v) __attribute__((always_inline)) {
    const float d = read(x[i]) - origin[c];
    u += d;
    v += d * d;
  });
}

template <class T>
DUET_INLINE void normalise_of(const T* __restrict x, T* __restrict y, int64_t rows, int64_t channels, Affine affine) {
  const float* __restrict gain = affine.gain, * __restrict offset = affine.offset;
  const float slope = affine.slope;
  for (int64_t row = 0; row < rows; ++row)
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) {
      const float z = read(x[row * channels + c]) * gain[c] + offset[c];
      write(y[row * channels + c], z > 0 ? z : slope * z);
    }
}

template <class T>
DUET_INLINE void add_gradient_moments_of(const T* __restrict x, const T* __restrict gradient, int64_t rows,
                                         int64_t channels, Affine affine, const float* __restrict mean, double* sum,
                                         double* product) {
  const float* __restrict gain = affine.gain, * __restrict offset = affine.offset;
  const float slope = affine.slope;
  add_pairs(rows, channels, sum, product, [=](int64_t i, int64_t c, float& u, float& v) __attribute__((always_inline)) {
    const float value = read(x[i]), z = value * gain[c] + offset[c];
    const float g = read(gradient[i]) * (z > 0 ? 1.0F : slope);
    u += g;
    v += g * (value - mean[c]);
  });
}

template <class T>
DUET_INLINE void correct_gradient_of(const T* __restrict x, const T* __restrict gradient, T* __restrict out,
                                     int64_t rows, int64_t channels, Affine affine, Correction correction) {
  const float* __restrict gain = affine.gain, * __restrict offset = affine.offset;
  const float* __restrict mean = correction.mean, * __restrict a = correction.a, * __restrict b = correction.b;
  const float slope = affine.slope;
  for (int64_t row = 0; row < rows; ++row)
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) {
      const float value = read(x[row * channels + c]), z = value * gain[c] + offset[c];
      const float g = read(gradient[row * channels + c]) * (z > 0 ? 1.0F : slope);
      write(out[row * channels + c], gain[c] * g - a[c] - b[c] * (value - mean[c]));
    }
}

template <class From, class To>
DUET_INLINE void convert_of(const From* __restrict x, To* __restrict out, int64_t numbers) {
#pragma omp simd
  for (int64_t i = 0; i < numbers; ++i) write(out[i], read(x[i]));
}

template <class T>
DUET_INLINE void leaky_rows(const T* __restrict gradient, const T* __restrict y, T* __restrict out, int64_t numbers,
                            float slope) {
#pragma omp simd
  for (int64_t i = 0; i < numbers; ++i) write(out[i], read(gradient[i]) * (read(y[i]) > 0 ? 1.0F : slope));
}

template <class T>
DUET_INLINE void send_back_leaky_of(const T* gradient, const T* y, T* out, int64_t rows, int64_t channels, float slope,
                                    double* sum) {
  if (!sum) return leaky_rows(gradient, y, out, rows * channels, slope);
  std::vector<float> room(static_cast<size_t>(channels));
  float* __restrict u = room.data();
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t last = std::min(rows, first + kBlock), at = first * channels;
    if (out) leaky_rows(gradient + at, y + at, out + at, (last - first) * channels, slope);
    const T* __restrict added = out ? out : gradient;
    std::fill(room.begin(), room.end(), 0.0F);
    for (int64_t row = first; row < last; ++row)
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) u[c] += read(added[row * channels + c]);
    for (int64_t c = 0; c < channels; ++c) sum[c] += u[c];
  }
}

}  // namespace

DUET_EVERY_CPU void add_moments(const float* x, int64_t rows, int64_t channels, const float* origin, double* sum,
                                double* square) {
  add_moments_of(x, rows, channels, origin, sum, square);
}
DUET_EVERY_CPU void add_moments(const uint16_t* x, int64_t rows, int64_t channels, const float* origin, double* sum,
                                double* square) {
  add_moments_of(x, rows, channels, origin, sum, square);
}

DUET_EVERY_CPU void normalise(const float* x, float* y, int64_t rows, int64_t channels, const Affine& affine) {
  normalise_of(x, y, rows, channels, affine);
}
DUET_EVERY_CPU void normalise(const uint16_t* x, uint16_t* y, int64_t rows, int64_t channels, const Affine& affine) {
  normalise_of(x, y, rows, channels, affine);
}

DUET_EVERY_CPU void add_gradient_moments(const float* x, const float* gradient, int64_t rows, int64_t channels,
                                         const Affine& affine, const float* mean, double* sum, double* product) {
  add_gradient_moments_of(x, gradient, rows, channels, affine, mean, sum, product);
}
DUET_EVERY_CPU void add_gradient_moments(const uint16_t* x, const uint16_t* gradient, int64_t rows, int64_t channels,
                                         const Affine& affine, const float* mean, double* sum, double* product) {
  add_gradient_moments_of(x, gradient, rows, channels, affine, mean, sum, product);
}

DUET_EVERY_CPU void correct_gradient(const float* x, const float* gradient, float* out, int64_t rows, int64_t channels,
                                     const Affine& affine, const Correction& correction) {
  correct_gradient_of(x, gradient, out, rows, channels, affine, correction);
}
DUET_EVERY_CPU void correct_gradient(const uint16_t* x, const uint16_t* gradient, uint16_t* out, int64_t rows,
                                     int64_t channels, const Affine& affine, const Correction& correction) {
  correct_gradient_of(x, gradient, out, rows, channels, affine, correction);
}

DUET_EVERY_CPU void convert(const float* x, uint16_t* out, int64_t numbers) { convert_of(x, out, numbers); }
DUET_EVERY_CPU void convert(const uint16_t* x, float* out, int64_t numbers) { convert_of(x, out, numbers); }

DUET_EVERY_CPU void send_back_leaky(const float* gradient, const float* y, float* out, int64_t rows, int64_t channels,
                                    float slope, double* sum) {
  send_back_leaky_of(gradient, y, out, rows, channels, slope, sum);
}
DUET_EVERY_CPU void send_back_leaky(const uint16_t* gradient, const uint16_t* y, uint16_t* out, int64_t rows,
                                    int64_t channels, float slope, double* sum) {
  send_back_leaky_of(gradient, y, out, rows, channels, slope, sum);
}

}  // namespace duet
