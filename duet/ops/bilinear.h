#pragma once

#include <atomic>

#include "duet/core/torch.h"

namespace duet {

/// A product y = f(x, weight) that is linear in both, such as a convolution, and its two adjoints: of x, weight and y,
/// any two give the third, so these three are closed under differentiation. None of them records anything; the
/// functions below do. Weights and their gradients are float32 where x and y are bfloat16.
/// Threads: products may be computed by several at once, as long as nobody changes the weight.
class Bilinear : public torch::CustomClassHolder {
 public:
  /// What was computed since the beginning.
  struct Work {
    std::atomic<int64_t> flops = 0;        ///< multiplications and additions
    std::atomic<int64_t> products = 0;     ///< how many
    std::atomic<int64_t> fallen_back = 0;  ///< how many of them LibTorch did, since oneDNN could not
  };
  const Work& work() const { return work_; }

  /// leaky(f(x, weight) + bias): leaky(v) is v above 0 and slope * v below. bias is float32 [C], C = y.size(1), or
  /// undefined.
  virtual Tensor output(const Tensor& x, const Tensor& weight, const Tensor& bias, double slope) = 0;
  /// What y sends back to an x of this size.
  virtual Tensor input(const Tensor& y, const Tensor& weight, torch::IntArrayRef size) = 0;
  /// What y sends back to the weight.
  virtual Tensor weight(const Tensor& x, const Tensor& y) = 0;

 protected:
  /// One product: `rows` positions with `multiplications` each.
  void count(int64_t rows, int64_t multiplications, bool fell_back) {
    work_.flops += 2 * rows * multiplications;
    ++work_.products;
    work_.fallen_back += fell_back;
  }

 private:
  Work work_;
};

/// leaky(f(x, weight) + bias), differentiable any number of times. slope >= 0; 1 leaves leaky out, 0 is relu.
Tensor apply(const c10::intrusive_ptr<Bilinear>& f, const Tensor& x, const Tensor& weight, const Tensor& bias,
             double slope);

/// The adjoint of f in x, applied to y; differentiable any number of times.
Tensor apply_adjoint(const c10::intrusive_ptr<Bilinear>& f, const Tensor& y, const Tensor& weight,
                     const std::vector<int64_t>& size);

}  // namespace duet
