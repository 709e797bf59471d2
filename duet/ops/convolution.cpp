#include "duet/ops/convolution.h"

#include "duet/ops/convolution_plans.h"

namespace duet {

Convolution::Convolution(Window window) : window_(window), plans_(c10::make_intrusive<ConvolutionPlans>(window)) {}

Tensor Convolution::apply(const Tensor& x, const Tensor& weight, const Tensor& bias, double slope) const {
  return duet::apply(plans_, x, weight, bias, slope);
}

Tensor Convolution::apply_transposed(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                     const Sides& output_padding) const {
  const auto y = apply_adjoint(plans_, x, weight,
                               {x.size(0), weight.size(1), window_.enlarged_rows(x.size(2), output_padding),
                                window_.enlarged_columns(x.size(3), output_padding)});
  return bias.defined() ? y + bias.to(y.scalar_type()).view({1, -1, 1, 1}) : y;
}

}  // namespace duet
