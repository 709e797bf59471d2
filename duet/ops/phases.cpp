#include "duet/ops/phases.h"

namespace duet {
namespace {

/// Every `step`th row and column from these on.
Tensor every(const Sides& step, const Tensor& x, int64_t row, int64_t column) {
  return x.slice(2, row, x.size(2), step.height).slice(3, column, x.size(3), step.width);
}

}  // namespace

/// Along one dimension number a + s * m of the picture is the sum over taps t = s * d + q of w[t] * y[m + base - d],
/// where a + padding = s * base + q: a convolution of y with the taps in reverse.
InputByPhases::Side InputByPhases::side(const Slide& w, int64_t phase, int64_t picture, int64_t map) {
  const int64_t base = (phase + w.padding) / w.stride;
  Side side{};
  side.first = (phase + w.padding) % w.stride;
  side.taps = (w.kernel - side.first + w.stride - 1) / w.stride;
  side.size = (picture - phase + w.stride - 1) / w.stride;
  side.padding = side.taps - 1 - base;
  side.padding_behind = side.size + base - map;
  return side;
}

std::unique_ptr<InputByPhases> InputByPhases::make(const Window& window, const std::vector<int64_t>& x,
                                                   const std::vector<int64_t>& y, torch::ScalarType type) {
  using Layout = dnnl::memory::format_tag;
  if (window.stride == Sides(1)) return nullptr;
  std::unique_ptr<InputByPhases> all(new InputByPhases);
  all->stride_ = window.stride;
  const auto element = onednn_type(type), f32 = dnnl::memory::data_type::f32;
  const auto& [kernel, stride, padding] = window;
  const Slide down{kernel.height, stride.height, padding.height}, along{kernel.width, stride.width, padding.width};
  for (int64_t row = 0; row < stride.height; ++row)
    for (int64_t column = 0; column < stride.width; ++column) {
      Phase phase;
      phase.row = row, phase.column = column;
      phase.rows = side(down, row, x[2], y[2]);
      phase.columns = side(along, column, x[3], y[3]);
      for (const auto& s : {phase.rows, phase.columns})
        if (s.taps < 1 || s.size < 1 || s.padding < 0 || s.padding_behind < 0) return nullptr;
      phase.map = {y, element, Layout::nhwc};
      phase.part = {{x[0], x[1], phase.rows.size, phase.columns.size}, element, Layout::nhwc};
      const dnnl::memory::dims weight{x[1], y[1], phase.rows.taps, phase.columns.taps};
      const auto description = describe_convolution(cpu_engine(), dnnl::prop_kind::forward_inference,
                                                    {phase.map,
                                                     {weight, element, Layout::any},
                                                     {},
                                                     phase.part,
                                                     {1, 1},
                                                     {phase.rows.padding, phase.columns.padding},
                                                     {phase.rows.padding_behind, phase.columns.padding_behind}});
      phase.product = dnnl::convolution_forward(description);
      phase.weight = PackedWeight({weight, f32, Layout::oihw}, description.weights_desc());
      all->phases_.push_back(std::move(phase));
    }
  return all;
}

void InputByPhases::run(const Tensor& y, const Tensor& weight, const Tensor& x) {
  const torch::NoGradGuard no_grad;
  const bool changed = !source_.is(weight);
  if (changed) source_.set(weight);
  for (auto& phase : phases_) {
    if (changed)
      phase.weight.pack(
          every(stride_, weight, phase.rows.first, phase.columns.first).flip({2, 3}).transpose(0, 1).contiguous());
    const auto part = torch::empty(sizes(phase.part), y.options().memory_format(torch::MemoryFormat::ChannelsLast));
    duet::run(phase.product, {{DNNL_ARG_SRC, view(y, phase.map)},
                              {DNNL_ARG_WEIGHTS, phase.weight.room()},
                              {DNNL_ARG_DST, view(part, phase.part)}});
    every(stride_, x, phase.row, phase.column).copy_(part);
  }
}

}  // namespace duet
