#pragma once

#include <cstdint>

namespace duet {

/// A fully connected layer's product, y [n, out] = x [n, in] weight', weight [out, in] in rows.
struct DenseShape {
  int64_t n, in, out;
};

/// The three matrix products of a fully connected layer for one type of x and y: float, or bfloat16 (as in torch);
/// weights and their gradients are float. Each reads a weight where it lies, once, and packs only x or y, or as much of
/// the weight as it needs at a time: with batches of 64, packing all weights would take as long as multiplying by them.
/// Every number of a result is summed in one order, whatever the batch and however the work is split.
///
/// Work comes in units; each call does units [first, last) on one thread, with `room` of room_bytes of its own.
struct DenseKernels {
  enum class Product { output, input, weight };
  int64_t (*units)(const DenseShape&, Product);
  int64_t (*room_bytes)(const DenseShape&, Product);

  /// y = leaky(x weight' + bias), bias float [out] or null; units are columns of y.
  void (*output)(const DenseShape&, const void* x, const float* weight, const float* bias, float slope, void* y,
                 int64_t first, int64_t last, void* room);
  /// x = y weight; units are columns of x.
  void (*input)(const DenseShape&, const void* y, const float* weight, void* x, int64_t first, int64_t last,
                void* room);
  /// weight = y' x; units are rows of the weight.
  void (*weight)(const DenseShape&, const void* x, const void* y, float* weight, int64_t first, int64_t last,
                 void* room);
};

/// Null where there are none. Call them only where the CPU has AVX-512, and its bfloat16 part for bfloat16.
const DenseKernels* dense_kernels_fp32();
const DenseKernels* dense_kernels_bf16();

}  // namespace duet
