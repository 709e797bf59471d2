// The gradients of each of the three products are the other two.
#include "duet/ops/bilinear.h"

#include <torch/csrc/autograd/custom_function.h>

#include "duet/ops/leaky.h"
#include "duet/ops/machine.h"

namespace duet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Holder = c10::intrusive_ptr<Bilinear>;

void keep(AutogradContext* context, const Holder& f) {
  context->saved_data["f"] = c10::IValue::make_capsule(c10::intrusive_ptr<torch::CustomClassHolder>(f));
}
Holder kept(AutogradContext* context) {
  return c10::dynamic_intrusive_pointer_cast<Bilinear>(context->saved_data["f"].toCapsule());
}

/// LibTorch 1.13 records no undefined arguments: a bias of no numbers stands for none.
Tensor recordable(const Tensor& bias, const Tensor& like) {
  return bias.defined() ? bias : torch::empty({0}, like.options().requires_grad(false));
}

/// The product of bfloat16 numbers where oneDNN has none.
bool rounds(const Tensor& x) { return x.scalar_type() == torch::kBFloat16 && x.device().is_cpu() && !knows_bfloat16(); }

struct Output : torch::autograd::Function<Output> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        double slope, const Holder& f) {
    const auto shift = bias.numel() > 0 ? bias : Tensor();
    const auto y = rounds(x) ? f->output(x.to(torch::kFloat32), weight, shift, slope).to(torch::kBFloat16)
                             : f->output(x, weight, shift, slope);
    keep(context, f);
    context->saved_data["slope"] = slope;
    // The activation's gradient needs y itself; without one it would be held in vain.
    context->save_for_backward({x, weight, slope == 1 ? Tensor() : y});
    return y;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients);
};

struct Input : torch::autograd::Function<Input> {
  static Tensor forward(AutogradContext* context, const Tensor& y, const Tensor& weight,
                        const std::vector<int64_t>& size, const Holder& f) {
    keep(context, f);
    context->save_for_backward({y, weight});
    return rounds(y) ? f->input(y.to(torch::kFloat32), weight, size).to(torch::kBFloat16) : f->input(y, weight, size);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients);
};

struct Weight : torch::autograd::Function<Weight> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& y, const Holder& f) {
    keep(context, f);
    context->save_for_backward({x, y});
    return rounds(x) ? f->weight(x.to(torch::kFloat32), y.to(torch::kFloat32)) : f->weight(x, y);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients);
};

variable_list Output::backward(AutogradContext* context, variable_list gradients) {
  const auto saved = context->get_saved_variables();
  const auto &x = saved[0], &weight = saved[1], &y = saved[2];
  const auto f = kept(context);
  const double slope = context->saved_data["slope"].toDouble();
  const auto gradient = leaky_gradient(gradients[0], y, slope, context->needs_input_grad(2));
  variable_list out(5);
  if (context->needs_input_grad(0)) out[0] = Input::apply(gradient.to_z, weight, x.sizes().vec(), f);
  if (context->needs_input_grad(1)) out[1] = Weight::apply(x, gradient.to_z, f);
  if (context->needs_input_grad(2)) out[2] = gradient.to_bias;
  return out;
}

variable_list Input::backward(AutogradContext* context, variable_list gradients) {
  const auto saved = context->get_saved_variables();
  const auto &y = saved[0], &weight = saved[1];
  const auto f = kept(context);
  variable_list out(4);
  if (context->needs_input_grad(0)) out[0] = Output::apply(gradients[0], weight, recordable({}, weight), 1.0, f);
  if (context->needs_input_grad(1)) out[1] = Weight::apply(gradients[0], y, f);
  return out;
}

variable_list Weight::backward(AutogradContext* context, variable_list gradients) {
  const auto saved = context->get_saved_variables();
  const auto &x = saved[0], &y = saved[1];
  const auto f = kept(context);
  variable_list out(3);
  if (context->needs_input_grad(0)) out[0] = Input::apply(y, gradients[0], x.sizes().vec(), f);
  if (context->needs_input_grad(1)) out[1] = Output::apply(x, gradients[0], recordable({}, x), 1.0, f);
  return out;
}

}  // namespace

Tensor apply(const c10::intrusive_ptr<Bilinear>& f, const Tensor& x, const Tensor& weight, const Tensor& bias,
             double slope) {
  return Output::apply(x, weight, recordable(bias, weight), slope, f);
}

Tensor apply_adjoint(const c10::intrusive_ptr<Bilinear>& f, const Tensor& y, const Tensor& weight,
                     const std::vector<int64_t>& size) {
  return Input::apply(y, weight, size, f);
}

}  // namespace duet
