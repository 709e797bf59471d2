#pragma once

// What avx512_fp32.cpp and avx512_bf16.cpp compile, each for its own instructions: everything here is local to the
// file that includes it, so that no code for one kind of CPU is linked where another runs.
#include <cstddef>

#include "duet/ops/winograd_kernels.h"
#include "duet/ops/winograd_points.h"

namespace duet {
namespace {

/// Where a square of numbers of every channel lies in a picture: their offsets, or -1 outside of it.
template <int size>
struct Square {
  int64_t offsets[size][size];
  bool inside = true;  ///< all of it

  Square(int64_t image, int64_t top, int64_t left, int64_t step, int64_t height, int64_t width, int64_t channels) {
    for (int i = 0; i < size; ++i)
      for (int j = 0; j < size; ++j) {
        const int64_t row = top + i * step, column = left + j * step;
        const bool has = row >= 0 && row < height && column >= 0 && column < width;
        offsets[i][j] = has ? ((image * height + row) * width + column) * channels : -1;
        inside = inside && has;
      }
  }
};

/// Element: how numbers of pictures are stored and multiplied.
template <class Element, int side, int taps>
struct Tiles {
  using Number = typename Element::Number;
  static constexpr int kWindow = side + taps - 1, kPoints = kWindow * kWindow;
  using P = Points<side, taps>;

  /// What a tile sees of a phase of the picture.
  static Square<kWindow> window(const WinogradShape& s, const WinogradBlock& b, int64_t tile, int64_t phase) {
    const int64_t in_picture = tile % s.tiles();
    return {b.first + tile / s.tiles(),
            s.stride * (in_picture / s.tile_columns * side) + phase / s.stride - s.padding,
            s.stride * (in_picture % s.tile_columns * side) + phase % s.stride - s.padding,
            s.stride,
            s.height,
            s.width,
            s.c};
  }
  /// What it makes of the feature map.
  static Square<side> tile_of_map(const WinogradShape& s, const WinogradBlock& b, int64_t tile) {
    const int64_t in_picture = tile % s.tiles();
    return {b.first + tile / s.tiles(),
            in_picture / s.tile_columns * side,
            in_picture % s.tile_columns * side,
            1,
            s.rows,
            s.columns,
            s.k};
  }

  /// 16 channels of a square at their points; outside of the picture are zeros.
  template <int size>
  static void spread(const Number* channels, const Square<size>& square, Floats (&out)[kWindow][kWindow]) {
    Floats in[size][size];
    if (square.inside) {
      DUET_UNROLL for (int i = 0; i < size; ++i) DUET_UNROLL for (int j = 0; j < size; ++j) in[i][j] =
          Element::load(channels + square.offsets[i][j]);
    } else {
      for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j)
          in[i][j] = square.offsets[i][j] < 0 ? Floats{} : Element::load(channels + square.offsets[i][j]);
    }
    if constexpr (size == side)
      sandwich<kWindow, side, false>(P::A, in, out);
    else
      sandwich<kWindow, kWindow, false>(P::B, in, out);
  }

  /// Fills places [begin, end) of planes with the points of `square(tile, phase)` of `picture`, for all groups of 16
  /// channels.
  template <bool by_place, class Find>
  static void write_planes(const void* picture, int64_t channels, int64_t phases, int64_t tiles, int64_t places,
                           int64_t begin, int64_t end, void* planes, const Find& find) {
    constexpr int step = by_place ? Element::kPacked : 1;
    const int64_t per_phase = channels / 16, plane = phases * per_phase * places * 16;
    for (int64_t tile = begin; tile < end; tile += step)
      for (int64_t phase = 0; phase < phases; ++phase) {
        const auto first = find(tile, phase), second = step == 1 ? first : find(tile + 1, phase);
        for (int64_t group = 0; group < per_phase; ++group) {
          Floats points[step][kWindow][kWindow];
          for (int i = 0; i < step; ++i)
            if (tile + i < tiles)
              spread(static_cast<const Number*>(picture) + group * 16, i == 0 ? first : second, points[i]);
            else
              for (auto& row : points[i])
                for (auto& point : row) point = Floats{};
          Number* to = static_cast<Number*>(planes) + ((phase * per_phase + group) * places + tile) * 16;
          DUET_UNROLL for (int i = 0; i < kWindow; ++i) DUET_UNROLL for (int j = 0; j < kWindow; ++j) {
            if constexpr (step == 1)
              Element::store(to + (i * kWindow + j) * plane, points[0][i][j]);
            else
              Element::store_pair(to + (i * kWindow + j) * plane, points[0][i][j], points[1][i][j]);
          }
        }
      }
  }

  static void spread_picture(const WinogradShape& s, const void* x, const WinogradBlock& b, int64_t begin, int64_t end,
                             void* planes, bool by_place) {
    const auto find = [&](int64_t tile, int64_t phase) { return window(s, b, tile, phase); };
    const int64_t tiles = (b.last - b.first) * s.tiles();
    (by_place ? &write_planes<true, decltype(find)>
              : &write_planes<false, decltype(find)>)(x, s.c, s.phases(), tiles, b.places, begin, end, planes, find);
  }

  static void spread_map(const WinogradShape& s, const void* y, const WinogradBlock& b, int64_t begin, int64_t end,
                         void* planes, bool by_place) {
    const auto find = [&](int64_t tile, int64_t) { return tile_of_map(s, b, tile); };
    const int64_t tiles = (b.last - b.first) * s.tiles();
    (by_place ? &write_planes<true, decltype(find)> : &write_planes<false, decltype(find)>)(y, s.k, 1, tiles, b.places,
                                                                                            begin, end, planes, find);
  }

  static void read_points(const float* planes, int64_t plane, Floats (&out)[kWindow][kWindow]) {
    DUET_UNROLL for (int i = 0; i < kWindow; ++i) DUET_UNROLL for (int j = 0; j < kWindow; ++j) out[i][j] =
        load(planes + (i * kWindow + j) * plane);
  }

  static void gather_map(const WinogradShape& s, const float* planes, const WinogradBlock& b, void* y,
                         const float* bias, float slope) {
    const int64_t groups = s.k / 16, tiles = (b.last - b.first) * s.tiles(), places = b.places;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const auto square = tile_of_map(s, b, tile);
      for (int64_t group = 0; group < groups; ++group) {
        Floats points[kWindow][kWindow], out[side][side];
        read_points(planes + (group * places + tile) * 16, groups * places * 16, points);
        sandwich<kWindow, side, true>(P::A, points, out);
        const Floats shift = bias ? load(bias + group * 16) : Floats{};
        for (int i = 0; i < side; ++i)
          for (int j = 0; j < side; ++j) {
            if (square.offsets[i][j] < 0) continue;
            const Floats v = out[i][j] + shift;
            Element::store(static_cast<Number*>(y) + square.offsets[i][j] + group * 16, v > 0 ? v : v * slope);
          }
      }
    }
  }

  /// Windows overlap, so what neighbours have in common is added up: in float32, 16 channels of a picture at a time.
  static void gather_picture(const WinogradShape& s, const float* planes, const WinogradBlock& b, void* x) {
    const int64_t groups = s.depth() / 16, per_phase = s.c / 16, size = s.height * s.width * 16, places = b.places;
    Sums room(size);
    for (int64_t image = b.first; image < b.last; ++image)
      for (int64_t channel = 0; channel < s.c; channel += 16) {
        for (int64_t i = 0; i < size; i += 16) store(room.sums + i, Floats{});
        for (int64_t phase = 0; phase < s.phases(); ++phase)
          for (int64_t tile = (image - b.first) * s.tiles(), end = tile + s.tiles(); tile < end; ++tile) {
            const int64_t group = phase * per_phase + channel / 16;
            Floats points[kWindow][kWindow], out[kWindow][kWindow];
            read_points(planes + (group * places + tile) * 16, groups * places * 16, points);
            sandwich<kWindow, kWindow, true>(P::B, points, out);
            WinogradShape room_shape = s;
            room_shape.c = 16;
            const auto square = window(room_shape, {0, 1, places}, tile % s.tiles(), phase);
            for (int i = 0; i < kWindow; ++i)
              for (int j = 0; j < kWindow; ++j)
                if (auto* sum = room.sums + square.offsets[i][j]; square.offsets[i][j] >= 0)
                  store(sum, load(sum) + out[i][j]);
          }
        auto* to = static_cast<Number*>(x) + image * s.height * s.width * s.c + channel;
        for (int64_t i = 0; i < s.height * s.width; ++i) Element::store(to + i * s.c, load(room.sums + i * 16));
      }
  }

  struct Sums {
    explicit Sums(int64_t size) : sums(new float[static_cast<size_t>(size)]) {}
    ~Sums() { delete[] sums; }
    Sums(const Sums&) = delete;
    Sums& operator=(const Sums&) = delete;
    float* sums;
  };

  static constexpr int kMaxWindow = taps * taps * 4;

  /// The taps of a phase at its points, from the whole windows of 16 weights.
  static void spread_taps(const WinogradShape& s, const float (&windows)[kMaxWindow][16], int64_t phase,
                          Floats (&out)[kWindow][kWindow]) {
    Floats in[taps][taps];
    for (int i = 0; i < taps; ++i)
      for (int j = 0; j < taps; ++j) {
        const int64_t row = s.stride * i + phase / s.stride, column = s.stride * j + phase % s.stride;
        in[i][j] = row < s.kernel && column < s.kernel ? load(windows[row * s.kernel + column]) : Floats{};
      }
    sandwich<kWindow, taps, false>(P::G, in, out);
  }

  static void spread_weight(const WinogradShape& s, const float* w, void* packed, bool adjoint, int64_t part,
                            int64_t parts) {
    const int64_t window = s.kernel * s.kernel, depth = adjoint ? s.k : s.depth(), columns = adjoint ? s.depth() : s.k;
    const int64_t row_stride = adjoint ? s.c * window : window, lane_stride = adjoint ? window : s.c * window;
    const int64_t rows = adjoint ? s.k : s.c, lanes = adjoint ? s.c : s.k, groups = columns / 16;
    constexpr int step = Element::kPacked;
    float windows[step][kMaxWindow][16];
    for (int64_t lane = lanes / 16 * part / parts * 16; lane < lanes / 16 * (part + 1) / parts * 16; lane += 16)
      for (int64_t row = 0; row < rows; row += step) {
        for (int i = 0; i < step; ++i)
          for (int l = 0; l < 16; ++l) {
            const float* from = w + (row + i) * row_stride + (lane + l) * lane_stride;
            for (int64_t t = 0; t < window; ++t) windows[i][t][l] = from[t];
          }
        for (int64_t phase = 0; phase < s.phases(); ++phase) {
          Floats points[step][kWindow][kWindow];
          for (int i = 0; i < step; ++i) spread_taps(s, windows[i], phase, points[i]);
          const int64_t column = adjoint ? phase * s.c + lane : lane, group = column / 16;
          const int64_t width = group / 2 * 2 + 1 < groups ? 32 : 16, at = adjoint ? row : phase * s.c + row;
          auto* to = static_cast<Number*>(packed) + group / 2 * 32 * depth + at * width + group % 2 * 16 * step;
          for (int point = 0; point < kPoints; ++point, to += depth * columns)
            if constexpr (step == 1)
              store(to, points[0][point / kWindow][point % kWindow]);
            else
              Element::store_pair(to, points[0][point / kWindow][point % kWindow],
                                  points[1][point / kWindow][point % kWindow]);
        }
      }
  }

  static void gather_weight(const WinogradShape& s, const float* sums, float* w, int64_t first, int64_t last) {
    const int64_t window = s.kernel * s.kernel;
    float windows[kMaxWindow][16];
    // In the order in which the sums lie; a weight's window is written at once.
    for (int64_t c = first; c < last; ++c)
      for (int64_t k = 0; k < s.k; k += 16) {
        for (int64_t phase = 0; phase < s.phases(); ++phase) {
          Floats points[kWindow][kWindow], out[taps][taps];
          read_points(sums + (phase * s.c + c) * s.k + k, s.depth() * s.k, points);
          sandwich<kWindow, taps, true>(P::G, points, out);
          for (int i = 0; i < taps; ++i)
            for (int j = 0; j < taps; ++j) {
              const int64_t row = s.stride * i + phase / s.stride, column = s.stride * j + phase % s.stride;
              if (row < s.kernel && column < s.kernel) store(windows[row * s.kernel + column], out[i][j]);
            }
        }
        for (int lane = 0; lane < 16; ++lane) {
          float* to = w + ((k + lane) * s.c + c) * window;
          for (int64_t t = 0; t < window; ++t) to[t] = windows[t][lane];
        }
      }
  }

  static constexpr int kRows = 8;
  using Word = typename Element::Word;

  /// kRows x (16 vectors) numbers: out (+)= sum over steps of a's word for each row times b's vectors. Steps come in
  /// `outer` runs of `inner`.
  template <int vectors>
  static void block(const Word* a, int64_t row_stride, int64_t outer, int64_t outer_stride, int64_t inner,
                    int64_t inner_stride, const Word* b0, const Word* b1, int64_t b_stride, float* out, int64_t out_row,
                    int64_t out_vector, bool add) {
    Floats sums[kRows][vectors];
    DUET_UNROLL for (int r = 0; r < kRows; ++r) DUET_UNROLL for (int v = 0; v < vectors; ++v) sums[r][v] =
        add ? load(out + r * out_row + v * out_vector) : Floats{};
    for (int64_t o = 0; o < outer; ++o, a += outer_stride) {
      const Word* at = a;
      for (int64_t i = 0; i < inner; ++i, at += inner_stride, b0 += b_stride, b1 += b_stride) {
        const auto first = Element::words(b0);
        const auto second = Element::words(b1);
        DUET_UNROLL for (int r = 0; r < kRows; ++r) {
          const auto word = Element::repeat(at[r * row_stride]);
          Element::multiply_add(sums[r][0], word, first);
          if constexpr (vectors == 2) Element::multiply_add(sums[r][1], word, second);
        }
      }
    }
    DUET_UNROLL for (int r = 0; r < kRows; ++r) DUET_UNROLL for (int v = 0; v < vectors; ++v)
        store(out + r * out_row + v * out_vector, sums[r][v]);
  }

  static void multiply(const WinogradShape& s, const void* planes, const void* packed, float* out, int64_t places,
                       bool adjoint) {
    const int64_t depth = adjoint ? s.k : s.depth(), columns = adjoint ? s.depth() : s.k, groups = columns / 16;
    constexpr int words = 16 / Element::kPacked;  // of 16 channels
    for (int point = 0; point < kPoints; ++point) {
      const auto* a = static_cast<const Word*>(planes) + point * depth / 16 * places * words;
      const auto* b = static_cast<const Word*>(packed) + point * depth * columns / Element::kPacked;
      float* to = out + point * columns * places;
      for (int64_t group = 0; group < groups; group += 2) {
        const bool two = group + 1 < groups;
        const Word* panel = b + group * 16 * depth / Element::kPacked;
        for (int64_t place = 0; place < places; place += kRows) {
          float* block_out = to + (group * places + place) * 16;
          if (two)
            block<2>(a + place * words, words, depth / 16, places * words, words, 1, panel, panel + 16, 32, block_out,
                     16, places * 16, false);
          else
            block<1>(a + place * words, words, depth / 16, places * words, words, 1, panel, panel, 16, block_out, 16,
                     places * 16, false);
        }
      }
    }
  }

  static void multiply_places(const WinogradShape& s, const void* picture, const void* map, float* sums, int64_t places,
                              int64_t first, int64_t last, bool add) {
    const int64_t steps = places / Element::kPacked, groups = s.k / 16, per_point = s.depth() / 16;
    for (int64_t row = first; row < last; ++row) {
      const auto* a = static_cast<const Word*>(picture) + row * steps * 16;
      const auto* b = static_cast<const Word*>(map) + row / per_point * groups * steps * 16;
      for (int64_t group = 0; group < groups; group += 2, b += 2 * steps * 16)
        for (int half = 0; half < 16; half += kRows) {
          float* to = sums + (row * 16 + half) * s.k + group * 16;
          if (group + 1 < groups)
            block<2>(a + half, 1, 1, 0, steps, 16, b, b + steps * 16, 16, to, s.k, 16, add);
          else
            block<1>(a + half, 1, 1, 0, steps, 16, b, b, 16, to, s.k, 16, add);
        }
    }
  }

  static constexpr WinogradKernels kernels = {spread_picture, spread_map,    gather_map, gather_picture,
                                              spread_weight,  gather_weight, multiply,   multiply_places};
};

template <class Element>
const WinogradKernels* choose_winograd(int64_t side, int64_t taps) {
  if (side == 2 && taps == 2) return &Tiles<Element, 2, 2>::kernels;
  if (side == 2 && taps == 3) return &Tiles<Element, 2, 3>::kernels;
  if (side == 4 && taps == 2) return &Tiles<Element, 4, 2>::kernels;
  if (side == 4 && taps == 3) return &Tiles<Element, 4, 3>::kernels;
  return nullptr;
}

}  // namespace
}  // namespace duet
