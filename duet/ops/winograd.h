#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "duet/ops/convolution.h"
#include "duet/ops/onednn.h"
#include "duet/ops/winograd_kernels.h"

namespace duet {

/// A layer's weights at the points, as one product uses them.
struct WinogradWeights {
  std::mutex mutex;
  Tensor values;
  Source source;
};

/// All that a layer keeps, by the tile's side and whether for the adjoint: a turn with a penalty goes to and fro
/// between them.
using WinogradStore = std::map<std::pair<int64_t, bool>, std::shared_ptr<WinogradWeights>>;

/// A convolution's three products by Winograd's algorithm, in two to three times fewer multiplications; for one shape.
/// Tensors are channels-last, float32 or bfloat16, weights and their gradient float32.
/// Its products may be computed by several threads at once.
class Winograd {
 public:
  /// Null where it would not be faster, for windows that are not square, or where this CPU has no kernels for it. x
  /// [N,C,H,W]; `channels` of y; `store` is the layer's.
  static std::unique_ptr<Winograd> make(const Window& window, const std::vector<int64_t>& x, int64_t channels,
                                        torch::ScalarType type, WinogradStore& store);

  /// y = leaky(conv(x, weight) + bias).
  void output(const Tensor& x, const Tensor& weight, const Tensor& bias, double slope, const Tensor& y);
  /// x = what y sends back.
  void input(const Tensor& y, const Tensor& weight, const Tensor& x);
  /// gradient = what y sends back to the weight [K,C,k,k].
  void weight(const Tensor& x, const Tensor& y, const Tensor& gradient) const;

 private:
  Winograd(const WinogradShape& shape, const WinogradKernels& kernels, torch::ScalarType type, WinogradStore& store);
  int64_t element_size() const { return static_cast<int64_t>(c10::elementSize(type_)); }
  Tensor pack(const Tensor& weight, bool adjoint);
  void in_blocks(int64_t numbers_per_place, int64_t sums_per_place,
                 const std::function<void(const WinogradBlock&, void* planes, float* sums)>& work) const;

  WinogradShape shape_;
  const WinogradKernels& kernels_;
  torch::ScalarType type_;
  std::shared_ptr<WinogradWeights> weights_[2];  // of the product and of its adjoint
};

}  // namespace duet
