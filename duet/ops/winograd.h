#pragma once

#include <memory>
#include <mutex>

#include "duet/ops/convolution.h"
#include "duet/ops/onednn.h"
#include "duet/ops/winograd_kernels.h"

namespace duet {

/// A layer's weights at the points of one tile, for the product or its adjoint: what was used last. A turn uses the one
/// and then the other, so room for both would not save work.
struct WinogradWeights {
  std::mutex mutex;
  Tensor values;
  Source source;
  int64_t side = 0;
  bool adjoint = false;
};

/// A convolution's three products by Winograd's algorithm, in two to three times fewer multiplications; for one shape.
/// Tensors are channels-last, float32 or bfloat16, weights and their gradient float32.
class Winograd {
 public:
  /// Null where it would not be faster or this CPU has no kernels for it. x [N,C,H,W]; `channels` of y; `weights` are
  /// of the layer.
  static std::unique_ptr<Winograd> make(const Window& window, const std::vector<int64_t>& x, int64_t channels,
                                        torch::ScalarType type, std::shared_ptr<WinogradWeights> weights);

  /// y = leaky(conv(x, weight) + bias).
  void output(const Tensor& x, const Tensor& weight, const Tensor& bias, double slope, const Tensor& y);
  /// x = what y sends back.
  void input(const Tensor& y, const Tensor& weight, const Tensor& x);
  /// gradient = what y sends back to the weight [K,C,k,k].
  void weight(const Tensor& x, const Tensor& y, const Tensor& gradient) const;

 private:
  Winograd(const WinogradShape& shape, const WinogradKernels& kernels, torch::ScalarType type,
           std::shared_ptr<WinogradWeights> weights)
      : shape_(shape), kernels_(kernels), type_(type), weights_(std::move(weights)) {}
  int64_t element_size() const { return static_cast<int64_t>(c10::elementSize(type_)); }
  Tensor pack(const Tensor& weight, bool adjoint);
  void in_blocks(int64_t numbers_per_place, int64_t sums_per_place,
                 const std::function<void(const WinogradBlock&, void* planes, float* sums)>& work) const;

  WinogradShape shape_;
  const WinogradKernels& kernels_;
  torch::ScalarType type_;
  std::shared_ptr<WinogradWeights> weights_;
};

}  // namespace duet
