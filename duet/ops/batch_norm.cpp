#include "duet/ops/batch_norm.h"

#include <torch/csrc/autograd/custom_function.h>

#include "duet/ops/onednn.h"
#include "duet/ops/row_kernels.h"
#include "duet/ops/rows.h"

namespace duet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// gain = scale / deviation and offset = shift - mean * gain, [2, C].
Tensor gain_and_offset(const Tensor& mean, const Tensor& inverse, const Tensor& scale, const Tensor& shift) {
  auto out = torch::empty({2, mean.size(0)});
  auto *gain = out.data_ptr<float>(), *offset = gain + mean.size(0);
  const auto *m = mean.data_ptr<float>(), *d = inverse.data_ptr<float>();
  const auto *s = scale.data_ptr<float>(), *t = shift.data_ptr<float>();
  for (int64_t c = 0; c < mean.size(0); ++c) gain[c] = s[c] * d[c], offset[c] = t[c] - m[c] * gain[c];
  return out;
}

Affine affine_of(const Tensor& gain_offset, double slope) {
  const auto* gain = gain_offset.data_ptr<float>();
  return {gain, gain + gain_offset.size(1), static_cast<float>(slope)};
}

/// Mean and 1 / deviation of every channel; moves the running statistics.
std::pair<Tensor, Tensor> statistics(const Tensor& x, const RunningStatistics& running, double eps) {
  const int64_t channels = x.size(1), rows = x.numel() / channels;
  auto mean = torch::empty({channels}), inverse = torch::empty({channels});
  std::vector<float> origin(static_cast<size_t>(channels));
  std::vector<double> sums;
  with_type(x, [&](auto data) {
    const auto* values = data(x);
    for (int64_t c = 0; c < channels; ++c)
      origin[static_cast<size_t>(c)] =
          x.scalar_type() == torch::kBFloat16 ? static_cast<float>(x.data_ptr<at::BFloat16>()[c]) : values[c];
    sums = add_up(rows, channels, 2 * origin.size(), [&](int64_t first, int64_t count, double* s) {
      add_moments(values + first * channels, count, channels, origin.data(), s, s + channels);
    });
  });
  const auto n = static_cast<double>(rows);
  auto *m = mean.data_ptr<float>(), *d = inverse.data_ptr<float>();
  auto *running_mean = running.mean.defined() ? running.mean.data_ptr<float>() : nullptr,
       *running_variance = running.mean.defined() ? running.variance.data_ptr<float>() : nullptr;
  for (int64_t c = 0; c < channels; ++c) {
    const auto i = static_cast<size_t>(c);
    const double shift = sums[i] / n, variance = std::max(0.0, sums[origin.size() + i] / n - shift * shift),
                 middle = origin[i] + shift;
    m[c] = static_cast<float>(middle);
    d[c] = static_cast<float>(1 / std::sqrt(variance + eps));
    if (!running_mean) continue;
    running_mean[c] += static_cast<float>(running.momentum * (middle - running_mean[c]));
    running_variance[c] +=
        static_cast<float>(running.momentum * (variance * n / std::max(1.0, n - 1) - running_variance[c]));
  }
  return {mean, inverse};
}

/// The gradient in operations that can be differentiated again.
variable_list differentiable_gradient(const Tensor& stored, const Tensor& scale, const Tensor& shift,
                                      const Tensor& stored_gradient, double eps, double slope) {
  const auto x = stored.to(torch::kFloat32), gradient = stored_gradient.to(torch::kFloat32);
  const auto dims = x.dim() == 4 ? std::vector<int64_t>{0, 2, 3} : std::vector<int64_t>{0};
  const auto fit = [&](const Tensor& v) { return x.dim() == 4 ? v.view({1, -1, 1, 1}) : v.view({1, -1}); };
  const auto centred = x - x.mean(dims, true);
  const auto inverse = torch::rsqrt(centred.square().mean(dims, true) + eps);
  const auto unit = centred * inverse;
  const auto g = slope == 1
                     ? gradient
                     : at::leaky_relu_backward(gradient, (unit * fit(scale) + fit(shift)).detach(), slope, false);
  const auto to_x = fit(scale) * inverse * (g - g.mean(dims, true) - unit * (g * unit).mean(dims, true));
  return {to_x.to(stored.scalar_type()), (g * unit).sum(dims), g.sum(dims)};
}

/// The run of examples that is group `i` of `groups`.
Tensor group_of(const Tensor& x, int64_t i, int64_t groups) {
  const int64_t examples = x.size(0) / groups;
  return groups == 1 ? x : x.narrow(0, i * examples, examples);
}

/// What a group's way forward leaves for its way back: mean and 1 / deviation [C], gain and offset [2, C].
struct GroupState {
  Tensor mean, inverse, gain;
};

GroupState normalise_group(const Tensor& x, const Tensor& y, const Tensor& scale, const Tensor& shift,
                           const RunningStatistics& running, double eps, double slope) {
  const auto [mean, inverse] = statistics(x, running, eps);
  const auto gain = gain_and_offset(mean, inverse, scale, shift);
  with_type(x, [&](auto data) {
    const int64_t channels = x.size(1);
    in_parts(x.numel() / channels, channels, [&](int64_t, int64_t first, int64_t count) {
      normalise(data(x) + first * channels, data(y) + first * channels, count, channels, affine_of(gain, slope));
    });
  });
  return {mean, inverse, gain};
}

/// Adds to the gradients of scale and shift, and fills that of x where it is defined.
void send_back(const Tensor& x, const Tensor& gradient, const GroupState& state, double slope, const Tensor& to_x,
               const Tensor& to_scale, const Tensor& to_shift) {
  const int64_t channels = x.size(1), rows = x.numel() / channels;
  const auto affine = affine_of(state.gain, slope);
  const auto* mean = state.mean.data_ptr<float>();
  auto correction = torch::empty({2, channels});
  const auto size = static_cast<size_t>(channels);
  with_type(x, [&](auto data) {
    const auto sums = add_up(rows, channels, 2 * size, [&](int64_t first, int64_t count, double* s) {
      add_gradient_moments(data(x) + first * channels, data(gradient) + first * channels, count, channels, affine, mean,
                           s, s + channels);
    });
    auto *a = correction.template data_ptr<float>(), *b = a + channels;
    const auto* deviation = state.inverse.template data_ptr<float>();
    for (int64_t c = 0; c < channels; ++c) {
      const auto i = static_cast<size_t>(c);
      const double d = deviation[c], n = static_cast<double>(rows);
      const double sum = sums[i], product = sums[size + i];
      to_scale.template data_ptr<float>()[c] += static_cast<float>(product * d);
      to_shift.template data_ptr<float>()[c] += static_cast<float>(sum);
      a[c] = static_cast<float>(affine.gain[c] * sum / n);
      b[c] = static_cast<float>(affine.gain[c] * product * d * d / n);
    }
    if (!to_x.defined()) return;
    in_parts(rows, channels, [&](int64_t, int64_t first, int64_t count) {
      correct_gradient(data(x) + first * channels, data(gradient) + first * channels, data(to_x) + first * channels,
                       count, channels, affine, {mean, a, b});
    });
  });
}

struct BatchNorm : torch::autograd::Function<BatchNorm> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& scale, const Tensor& shift,
                        const RunningStatistics& running, double eps, double slope, int64_t groups) {
    const auto rows = in_rows(x), y = empty_rows(rows);
    variable_list saved = {x, scale, shift};
    for (int64_t i = 0; i < groups; ++i) {
      const auto state =
          normalise_group(group_of(rows, i, groups), group_of(y, i, groups), scale, shift, running, eps, slope);
      saved.insert(saved.end(), {state.mean, state.inverse, state.gain});
    }
    context->saved_data["eps"] = eps;
    context->saved_data["slope"] = slope;
    context->saved_data["groups"] = groups;
    context->save_for_backward(saved);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &scale = saved[1], &shift = saved[2];
    const double slope = context->saved_data["slope"].toDouble(), eps = context->saved_data["eps"].toDouble();
    const int64_t groups = context->saved_data["groups"].toInt();
    variable_list out(7);
    if (torch::GradMode::is_enabled()) {
      variable_list to_x;
      for (int64_t i = 0; i < groups; ++i) {
        const auto all = differentiable_gradient(group_of(x, i, groups), scale, shift,
                                                 group_of(gradients[0], i, groups), eps, slope);
        to_x.push_back(all[0]);
        for (size_t k = 1; k < 3; ++k)
          if (context->needs_input_grad(k)) out[k] = i == 0 ? all[k] : out[k] + all[k];
      }
      if (context->needs_input_grad(0)) out[0] = groups == 1 ? to_x[0] : torch::cat(to_x);
      return out;
    }
    const auto rows = in_rows(x), gradient = in_rows(gradients[0]);
    const auto to_scale = torch::zeros({x.size(1)}), to_shift = torch::zeros({x.size(1)});
    if (context->needs_input_grad(0)) out[0] = empty_rows(x);
    for (int64_t i = 0; i < groups; ++i) {
      const auto k = static_cast<size_t>(3 + 3 * i);
      send_back(group_of(rows, i, groups), group_of(gradient, i, groups), {saved[k], saved[k + 1], saved[k + 2]}, slope,
                out[0].defined() ? group_of(out[0], i, groups) : Tensor(), to_scale, to_shift);
    }
    if (context->needs_input_grad(1)) out[1] = to_scale;
    if (context->needs_input_grad(2)) out[2] = to_shift;
    return out;
  }
};

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift, const RunningStatistics& running,
                  double eps, double slope, int64_t groups) {
  if (suits_onednn(x)) {
    const auto plain = torch::TensorOptions().dtype(torch::kFloat32);
    return BatchNorm::apply(x, scale.defined() ? scale : torch::ones({x.size(1)}, plain),
                            shift.defined() ? shift : torch::zeros({x.size(1)}, plain), running, eps, slope, groups);
  }
  variable_list all;
  for (int64_t i = 0; i < groups; ++i)
    all.push_back(torch::batch_norm(group_of(x, i, groups), scale, shift, running.mean, running.variance,
                                    /*training=*/true, running.momentum, eps, /*cudnn_enabled=*/true));
  const auto y = groups == 1 ? all[0] : torch::cat(all);
  return slope == 1 ? y : torch::leaky_relu(y, slope);
}

}  // namespace duet
