#include "duet/ops/convert.h"

#include <torch/csrc/autograd/custom_function.h>

#include "duet/ops/onednn.h"
#include "duet/ops/row_kernels.h"
#include "duet/ops/rows.h"

namespace duet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Convert : torch::autograd::Function<Convert> {
  static Tensor forward(AutogradContext*, const Tensor& x, torch::ScalarType type) {
    const auto y = torch::empty_like(x, x.options().dtype(type).requires_grad(false));
    in_parts(x.numel(), 1, [&](int64_t, int64_t first, int64_t count) {
      if (type == torch::kBFloat16)
        convert(x.data_ptr<float>() + first, reinterpret_cast<uint16_t*>(y.data_ptr()) + first, count);
      else
        convert(reinterpret_cast<const uint16_t*>(x.data_ptr()) + first, y.data_ptr<float>() + first, count);
    });
    return y;
  }
  static variable_list backward(AutogradContext*, variable_list gradients) {
    const auto& gradient = gradients[0];
    return {converted(gradient, gradient.scalar_type() == torch::kBFloat16 ? torch::kFloat32 : torch::kBFloat16), {}};
  }
};

}  // namespace

Tensor converted(const Tensor& x, torch::ScalarType type) {
  if (x.scalar_type() == type) return x;
  const bool known = type == torch::kBFloat16 || type == torch::kFloat32;
  if (!known || !suits_onednn(x) || !x.is_non_overlapping_and_dense()) return x.to(type);
  return Convert::apply(x, type);
}

}  // namespace duet
