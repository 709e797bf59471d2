#pragma once

// Part of winograd_tiles.h: the matrices that bring vectors of 16 channels to a convolution's points and back.
#include "duet/core/simd.h"
#include "duet/ops/vectors.h"

namespace duet {
namespace {

/// The three matrices for tiles of `side` numbers and `taps` taps, from the points 0, 1, -1, 2, -1/2, infinity as far
/// as needed: of those tried the ones with the smallest error.
template <int side, int taps>
struct Points;

template <>
struct Points<2, 2> {
  static constexpr float B[3][3] = {{1, -1, 0}, {0, 1, 0}, {0, -1, 1}};
  static constexpr float G[3][2] = {{1, 0}, {1, 1}, {0, 1}};
  static constexpr float A[3][2] = {{1, 0}, {1, 1}, {0, 1}};
};
template <>
struct Points<2, 3> {
  static constexpr float B[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}};
  static constexpr float G[4][3] = {{1, 0, 0}, {0.5F, 0.5F, 0.5F}, {0.5F, -0.5F, 0.5F}, {0, 0, 1}};
  static constexpr float A[4][2] = {{1, 0}, {1, 1}, {1, -1}, {0, 1}};
};
template <>
struct Points<4, 2> {
  static constexpr float B[5][5] = {
      {2, -1, -2, 1, 0}, {0, -2, -1, 1, 0}, {0, 2, -3, 1, 0}, {0, -1, 0, 1, 0}, {0, 2, -1, -2, 1}};
  static constexpr float G[5][2] = {{0.5F, 0}, {-0.5F, -0.5F}, {-1 / 6.F, 1 / 6.F}, {1 / 6.F, 1 / 3.F}, {0, 1}};
  static constexpr float A[5][4] = {{1, 0, 0, 0}, {1, 1, 1, 1}, {1, -1, 1, -1}, {1, 2, 4, 8}, {0, 0, 0, 1}};
};
template <>
struct Points<4, 3> {
  static constexpr float B[6][6] = {{1, 1.5F, -2, -1.5F, 1, 0}, {0, -1, -2.5F, -0.5F, 1, 0},
                                    {0, 1, 0.5F, -2.5F, 1, 0},  {0, -0.5F, -1, 0.5F, 1, 0},
                                    {0, 2, -1, -2, 1, 0},       {0, 1, 1.5F, -2, -1.5F, 1}};
  static constexpr float G[6][3] = {{1, 0, 0},
                                    {-1 / 3.F, -1 / 3.F, -1 / 3.F},
                                    {1 / 3.F, -1 / 3.F, 1 / 3.F},
                                    {1 / 15.F, 2 / 15.F, 4 / 15.F},
                                    {-16 / 15.F, 8 / 15.F, -4 / 15.F},
                                    {0, 0, 1}};
  static constexpr float A[6][4] = {
      {1, 0, 0, 0}, {1, 1, 1, 1}, {1, -1, 1, -1}, {1, 2, 4, 8}, {1, -0.5F, 0.25F, -0.125F}, {0, 0, 0, 1}};
};

/// in times the constant, added to sum; the compiler sees the constant and leaves out what it can.
DUET_INLINE void add(Floats& sum, float constant, Floats in) {
  if (constant == 1)
    sum += in;
  else if (constant == -1)
    sum -= in;
  else if (constant != 0)
    sum += constant * in;
}

/// out = matrix in matrix' (or with the transposed matrix), where every number of in and out is a vector of channels.
template <int rows, int columns, bool transposed>
DUET_INLINE void sandwich(const float (&matrix)[rows][columns],
                          const Floats (&in)[transposed ? rows : columns][transposed ? rows : columns],
                          Floats (&out)[transposed ? columns : rows][transposed ? columns : rows]) {
  constexpr int from = transposed ? rows : columns, to = transposed ? columns : rows;
  Floats half[to][from];
  DUET_UNROLL for (int i = 0; i < to; ++i) DUET_UNROLL for (int j = 0; j < from; ++j) {
    Floats sum = {};
    DUET_UNROLL for (int l = 0; l < from; ++l) add(sum, transposed ? matrix[l][i] : matrix[i][l], in[l][j]);
    half[i][j] = sum;
  }
  DUET_UNROLL for (int i = 0; i < to; ++i) DUET_UNROLL for (int j = 0; j < to; ++j) {
    Floats sum = {};
    DUET_UNROLL for (int l = 0; l < from; ++l) add(sum, transposed ? matrix[l][j] : matrix[j][l], half[i][l]);
    out[i][j] = sum;
  }
}

}  // namespace
}  // namespace duet
