#include "duet/ops/leaky.h"

#include "duet/ops/onednn.h"
#include "duet/ops/row_kernels.h"
#include "duet/ops/rows.h"

namespace duet {
namespace {

/// All but the channels: what a bias is repeated over.
std::vector<int64_t> repeated(const Tensor& y) {
  std::vector<int64_t> dims = {0};
  for (int64_t d = 2; d < y.dim(); ++d) dims.push_back(d);
  return dims;
}

LeakyGradient by_operations(const Tensor& gradient, const Tensor& y, double slope, bool with_bias) {
  // The gradient is made of y's signs alone, which have no derivative: without detach the second derivative would send
  // zeros back through all that y was made of, two products of a penalty's six for each layer.
  const auto to_z = slope == 1 ? gradient : at::leaky_relu_backward(gradient, y.detach(), slope, true);
  const auto type = gradient.scalar_type() == torch::kBFloat16 ? torch::kFloat32 : gradient.scalar_type();
  return {to_z, with_bias ? to_z.sum(repeated(to_z), false, type) : Tensor()};
}

}  // namespace

LeakyGradient leaky_gradient(const Tensor& gradient, const Tensor& y, double slope, bool with_bias) {
  if (slope == 1 && !with_bias) return {gradient, {}};
  if (torch::GradMode::is_enabled() || !suits_onednn(gradient)) return by_operations(gradient, y, slope, with_bias);
  const auto rows_of_gradient = in_rows(gradient);
  const auto rows_of_y = slope == 1 ? rows_of_gradient : in_rows(y);
  const auto to_z = slope == 1 ? gradient : empty_rows(gradient);
  const int64_t channels = gradient.size(1), rows = gradient.numel() / channels;
  Tensor to_bias;
  with_type(gradient, [&](auto data) {
    const auto *g = data(rows_of_gradient), *value = data(rows_of_y);
    auto* out = slope == 1 ? nullptr : data(to_z);
    const auto pass_over = [&](int64_t first, int64_t count, double* sums) {
      const int64_t at = first * channels;
      send_back_leaky(g + at, value + at, out ? out + at : nullptr, count, channels, static_cast<float>(slope), sums);
    };
    if (!with_bias) {
      in_parts(rows, channels, [&](int64_t, int64_t first, int64_t count) { pass_over(first, count, nullptr); });
      return;
    }
    const auto sums = add_up(rows, channels, static_cast<size_t>(channels), pass_over);
    to_bias = torch::empty({channels}, torch::kFloat32);
    std::transform(sums.begin(), sums.end(), to_bias.data_ptr<float>(), [](double s) { return static_cast<float>(s); });
  });
  return {to_z, to_bias};
}

}  // namespace duet
