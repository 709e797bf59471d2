#pragma once

#include <memory>

#include "duet/ops/convolution.h"
#include "duet/ops/onednn.h"

namespace duet {

/// What the feature map of a convolution with a stride sends back to its picture, phase by phase: the picture's numbers
/// at rows a + i * stride and columns b + j * stride are a convolution of the feature map without a stride, by the taps
/// of the window that meet them. On CPUs with AMX oneDNN 2.6's own product is reported to take three times as long.
class InputByPhases {
 public:
  /// Null for windows that this does not fit: without a stride, or that leave numbers of the picture out.
  /// x [N,C,H,W]; y [N,K,h,w].
  static std::unique_ptr<InputByPhases> make(const Window& window, const std::vector<int64_t>& x,
                                             const std::vector<int64_t>& y, torch::ScalarType type);

  /// x = what y sends back; both channels-last, weight float32 [K,C,k,l]. Not for several threads at once: its owner
  /// locks.
  void run(const Tensor& y, const Tensor& weight, const Tensor& x);

 private:
  /// One dimension of a phase: its taps are stride * i + first, i < taps, from the last to the first.
  struct Side {
    int64_t first = 0, taps = 0, size = 0, padding = 0, padding_behind = 0;
  };
  struct Phase {
    int64_t row = 0, column = 0;
    Side rows, columns;
    dnnl::convolution_forward product;
    dnnl::memory::desc map, part;
    PackedWeight weight;
  };
  /// Of a window so large, with such a stride and padding, in one dimension.
  struct Slide {
    int64_t kernel, stride, padding;
  };
  static Side side(const Slide& slide, int64_t phase, int64_t picture, int64_t map);

  Sides stride_ = 1;
  std::vector<Phase> phases_;
  Source source_;
};

}  // namespace duet
