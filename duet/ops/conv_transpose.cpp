#include "duet/ops/conv_transpose.h"

#include <torch/csrc/autograd/custom_function.h>

namespace duet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Gradient of conv2d(input, weight) in its input or its weight, for the gradient of its output.
Tensor convolution_gradient(const Tensor& output_gradient, const Tensor& input, const Tensor& weight, int64_t stride,
                            int64_t padding, bool in_input) {
  const auto gradients =
      at::convolution_backward(output_gradient, input, weight, at::nullopt, {stride, stride}, {padding, padding},
                               {1, 1}, /*transposed=*/false, {0, 0}, /*groups=*/1, {in_input, !in_input, false});
  return in_input ? std::get<0>(gradients) : std::get<1>(gradients);
}

struct ConvTranspose : torch::autograd::Function<ConvTranspose> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, int64_t stride,
                        int64_t padding, int64_t output_padding) {
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    const auto side = [&](int64_t size) { return (size - 1) * stride - 2 * padding + weight.size(2) + output_padding; };
    // Only its shape is looked at: what the convolution would have been applied to.
    const auto shape = torch::empty({x.size(0), weight.size(1), side(x.size(2)), side(x.size(3))}, x.options());
    return convolution_gradient(x, shape, weight, stride, padding, /*in_input=*/true);
  }

  // In differentiable operations only, so that the gradient can be differentiated again.
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    const auto stride = context->saved_data["stride"].toInt(), padding = context->saved_data["padding"].toInt();
    Tensor to_x, to_weight;
    if (context->needs_input_grad(0)) to_x = torch::conv2d(gradients[0], weight, {}, stride, padding);
    if (context->needs_input_grad(1))
      to_weight = convolution_gradient(x, gradients[0], weight, stride, padding, /*in_input=*/false);
    return {to_x, to_weight, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor conv_transpose(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding,
                      int64_t output_padding) {
  const auto y = ConvTranspose::apply(x, weight, stride, padding, output_padding);
  return bias.defined() ? y + bias.view({1, -1, 1, 1}) : y;
}

}  // namespace duet
