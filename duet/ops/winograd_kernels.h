#pragma once

#include <cstdint>

namespace duet {

/// A convolution cut into tiles: each tile makes side x side numbers of the feature map. Per dimension, number i of the
/// feature map is the sum over phases b < stride and taps a < taps of x[stride * (i + a) + b - padding] * w[stride * a
/// + b], so a convolution with a stride is `phases` convolutions without one whose channels add up.
struct WinogradShape {
  int64_t n, c, height, width;  ///< the picture; c is a multiple of 16
  int64_t k, rows, columns;     ///< the feature map; k is a multiple of 16
  int64_t kernel, stride, padding;
  int64_t side, taps;               ///< numbers of the feature map and taps per dimension of a tile
  int64_t tile_rows, tile_columns;  ///< tiles per picture

  int64_t points() const { return (side + taps - 1) * (side + taps - 1); }
  int64_t phases() const { return stride * stride; }
  int64_t depth() const { return phases() * c; }
  int64_t tiles() const { return tile_rows * tile_columns; }
};

/// Pictures [first, last) and the planes they are spread to: tiles one after the other, then zeros.
struct WinogradBlock {
  int64_t first, last;
  int64_t places;  ///< a multiple of 8
};

/// The parts of Winograd's algorithm (Lavin and Gray 2016, arXiv:1509.09308) for one tile side, number of taps and
/// element type; void is float or bfloat16 (as in torch). With x's windows spread by B, feature-map tiles by A, weights
/// by G to points at which a convolution is a plain product,
///   y = A'[(B x)(G w)],   x = B'[(A y)(G w)],   w = G'[(B x)(A y)],
/// each product summed over channels, channels and tiles: one matrix product per point.
///
/// Planes hold points: [points, channels / 16, places, 16]; a channel of a picture's plane is phase * c + channel. In
/// planes made for the weight's gradient (`by_place`) bfloat16 numbers of two places lie side by side. Sums are
/// float32.
struct WinogradKernels {
  /// Fills the planes' places [begin, end), multiples of 8; beyond the last tile are zeros.
  void (*spread_picture)(const WinogradShape&, const void* x, const WinogradBlock&, int64_t begin, int64_t end,
                         void* planes, bool by_place);
  void (*spread_map)(const WinogradShape&, const void* y, const WinogradBlock&, int64_t begin, int64_t end,
                     void* planes, bool by_place);
  /// Adds the bias (float [k] or null) and applies leaky with the slope.
  void (*gather_map)(const WinogradShape&, const float* planes, const WinogradBlock&, void* y, const float* bias,
                     float slope);
  void (*gather_picture)(const WinogradShape&, const float* planes, const WinogradBlock&, void* x);

  /// Part `part` of `parts` of the packed weights from float w [k, c, kernel, kernel]: per point and per 32 columns
  /// [depth, 32]. Rows are the picture's channels and columns the map's, or, `adjoint`, the other way round.
  void (*spread_weight)(const WinogradShape&, const float* w, void* packed, bool adjoint, int64_t part, int64_t parts);
  /// The gradient of the weight's channels [first, last) of c, from sums [points, depth, k].
  void (*gather_weight)(const WinogradShape&, const float* sums, float* w, int64_t first, int64_t last);

  /// [out, places] planes of one thread's pictures: planes times packed weights, at every point.
  void (*multiply)(const WinogradShape&, const void* planes, const void* packed, float* out, int64_t places,
                   bool adjoint);
  /// sums [points, depth, k] (+)= picture planes' transpose times map planes, rows of channels [16 first, 16 last) of
  /// all points * depth.
  void (*multiply_places)(const WinogradShape&, const void* picture, const void* map, float* sums, int64_t places,
                          int64_t first, int64_t last, bool add);
};

/// The kernels for tiles of this side (2 or 4) and taps (2 or 3), or null where there are none. Call them only where
/// the CPU has AVX-512, and its bfloat16 part for bfloat16.
const WinogradKernels* winograd_kernels_fp32(int64_t side, int64_t taps);
const WinogradKernels* winograd_kernels_bf16(int64_t side, int64_t taps);

}  // namespace duet
