#pragma once

#include "duet/ops/bilinear.h"
#include "duet/ops/window.h"

namespace duet {

/// A convolution and its adjoint, one per layer: it keeps what it has prepared for the shapes it has seen (oneDNN
/// primitives, weights in their layout), so keep the object as long as the weights live. Pictures come and go
/// channels-last; float32 and bfloat16 on a CPU run on oneDNN, everything else on LibTorch. With bfloat16 pictures the
/// weights stay float32 and so does their gradient; sums are kept in float32.
///
/// Both are closed under differentiation: their gradients are the same three products of picture, weight and feature
/// map again, so gradients can be differentiated any number of times. May be called from several threads while no one
/// changes the weights.
class Convolution {
 public:
  explicit Convolution(Window window);

  /// leaky(conv2d(x, weight) + bias), where leaky(v) is v above 0 and slope * v below: slope 1 leaves it out, 0 is
  /// relu. x [N,C,H,W], weight float32 [K,C,k,l] for a kernel of k x l, bias [K] or undefined -> [N,K,h,w],
  /// h = (H + 2 padding - k) / stride + 1, and w in the same way.
  Tensor apply(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, double slope = 1) const;

  /// The adjoint, which enlarges: x [N,K,h,w], weight [K,C,k,l], bias [C] or undefined -> [N,C,H,W],
  /// H = (h - 1) stride - 2 padding + k + output_padding, output_padding < stride.
  Tensor apply_transposed(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                          const Sides& output_padding = 0) const;

  const Bilinear::Work& work() const { return plans_->work(); }

 private:
  Window window_;
  c10::intrusive_ptr<Bilinear> plans_;
};

}  // namespace duet
