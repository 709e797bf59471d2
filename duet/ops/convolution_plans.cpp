// Every product runs on pictures as they lie in memory (channels-last); only weights are brought into a layout of
// oneDNN's choice.
#include "duet/ops/convolution_plans.h"

#include "duet/ops/machine.h"
#include "duet/ops/patches.h"

namespace duet {
namespace {

using Layout = dnnl::memory::format_tag;

Tensor channels_last(const Tensor& x) { return x.contiguous(torch::MemoryFormat::ChannelsLast); }

Tensor new_picture(const Tensor& like, torch::IntArrayRef size) {
  return torch::empty(size, like.options().memory_format(torch::MemoryFormat::ChannelsLast).requires_grad(false));
}

std::vector<int64_t> pair(const Sides& sides) { return {sides.height, sides.width}; }

/// Gradient of conv2d(picture, weight) in its picture or its weight.
Tensor fallback(const Tensor& feature_map, const Tensor& picture, const Tensor& weight, Window w, bool in_picture) {
  const auto gradients = at::convolution_backward(feature_map, picture, weight, /*bias_sizes=*/{}, pair(w.stride),
                                                  pair(w.padding), {1, 1}, /*transposed=*/false, {0, 0},
                                                  /*groups=*/1, {in_picture, !in_picture, false});
  return in_picture ? std::get<0>(gradients) : std::get<1>(gradients);
}

// Sent back to pictures of one or three channels, oneDNN's convolution uses a sixth of the machine; their patches are
// small enough to be made whole and added up.
constexpr int64_t kFewChannels = 4;
// In bfloat16 a weight gradient is a product of gathered patches. oneDNN 2.6's own reaches half of the machine's limit
// (with AMX less), and its threads wait for each other by spinning without end: beside a second training a step took
// 50 times as long. Beyond so much memory it is left to it all the same.
constexpr int64_t kPatchBytes = int64_t{1} << 27;

}  // namespace

bool ConvolutionPlans::prepare_weight_by_patches(Plan& plan, const Key& key) const {
  const auto y = sizes(plan.y);
  const int64_t places = y[0] * y[2] * y[3], seen = window_.kernel.area() * key.x[1];
  if (key.type != torch::kBFloat16 || 2 * places * seen > kPatchBytes) return false;
  const auto bf16 = dnnl::memory::data_type::bf16, f32 = dnnl::memory::data_type::f32;
  // y's places lie in rows of channels: its transpose is a matter of strides.
  const dnnl::memory::desc maps({key.channels, places}, bf16, dnnl::memory::dims{1, key.channels}),
      patches({places, seen}, bf16, Layout::ab), weight({key.channels, seen}, f32, Layout::ab);
  plan.primitive = dnnl::matmul(describe_matmul(cpu_engine(), maps, patches, {}, weight));
  const dnnl::memory::dims size{key.channels, key.x[1], window_.kernel.height, window_.kernel.width};
  plan.weight = PackedWeight({size, f32, Layout::oihw}, {size, f32, Layout::ohwi});
  plan.maps = maps, plan.patches = patches, plan.product = weight;
  plan.by_patches = plan.supported = true;
  return true;
}

bool ConvolutionPlans::prepare_input_by_patches(Plan& plan, const Key& key) const {
  const auto y = sizes(plan.y);
  const int64_t places = y[0] * y[2] * y[3], seen = window_.kernel.area() * key.x[1];
  if (key.x[1] > kFewChannels) return false;
  const auto type = onednn_type(key.type), f32 = dnnl::memory::data_type::f32;
  const dnnl::memory::desc maps({places, key.channels}, type, Layout::ab),
      weight({key.channels, seen}, type, Layout::ab), patches({places, seen}, f32, Layout::ab);
  plan.primitive = dnnl::matmul(describe_matmul(cpu_engine(), maps, weight, {}, patches));
  const dnnl::memory::dims size{key.channels, key.x[1], window_.kernel.height, window_.kernel.width};
  plan.weight = PackedWeight({size, f32, Layout::oihw}, {size, type, Layout::ohwi});
  plan.maps = maps, plan.patches = patches, plan.product = weight;
  plan.by_patches = plan.supported = true;
  return true;
}

void ConvolutionPlans::prepare(Plan& plan, const Key& key) {
  const auto& p = key.x;
  const auto type = onednn_type(key.type), f32 = dnnl::memory::data_type::f32;
  const dnnl::memory::dims stride = pair(window_.stride), padding = pair(window_.padding);
  plan.x = {p, type, Layout::nhwc};
  plan.y = {{p[0], key.channels, window_.rows(p[2]), window_.columns(p[3])}, type, Layout::nhwc};
  plan.winograd = Winograd::make(window_, p, key.channels, key.type, winograd_weights_);
  if (plan.winograd) {
    plan.supported = true;
    return;
  }
  if (key.product == Product::input && prepare_input_by_patches(plan, key)) return;
  if (key.product == Product::input && key.type == torch::kBFloat16 && has_amx()) {
    plan.phases = InputByPhases::make(window_, p, sizes(plan.y), key.type);
    plan.supported = plan.phases != nullptr;
    if (plan.supported) return;
  }
  if (key.product == Product::weight && prepare_weight_by_patches(plan, key)) return;
  if (key.bias) plan.bias = {{key.channels}, f32, Layout::x};
  const dnnl::memory::dims weight_size{key.channels, p[1], window_.kernel.height, window_.kernel.width};
  const dnnl::memory::desc plain(weight_size, f32, Layout::oihw), any(weight_size, type, Layout::any);
  ConvolutionLayouts layouts{plan.x, any, plan.bias, plan.y, stride, padding, padding};
  const auto forward =
      describe_convolution(cpu_engine(), dnnl::prop_kind::forward_training, layouts, then_leaky(key.slope));
  if (key.product == Product::output) {
    plan.primitive = dnnl::convolution_forward(forward);
    plan.weight = PackedWeight(plain, forward.weights_desc());
  } else if (key.product == Product::input) {
    const auto backward = describe_gradient_in_input(cpu_engine(), layouts, forward);
    plan.primitive = dnnl::convolution_backward_data(backward);
    plan.weight = PackedWeight(plain, backward.weights_desc());
  } else {
    layouts.weight = {weight_size, f32, Layout::any};
    const auto backward = describe_gradient_in_weight(cpu_engine(), layouts, forward);
    plan.primitive = dnnl::convolution_backward_weights(backward);
    plan.weight = PackedWeight(plain, backward.diff_weights_desc());
  }
  plan.supported = true;
}

ConvolutionPlans::Plan& ConvolutionPlans::plan(const Key& key) {
  const auto [entry, is_new] = plans_.try_emplace(key);
  if (is_new) try {
      prepare(entry->second, key);
    } catch (const dnnl::error&) {
      // oneDNN has nothing for this shape on this machine; LibTorch has.
      entry->second = Plan{};
    }
  return entry->second;
}

Tensor ConvolutionPlans::output(const Tensor& picture, const Tensor& weight, const Tensor& bias, double slope) {
  if (suits_onednn(picture)) {
    std::unique_lock lock(mutex_);
    auto& plan = this->plan({Product::output, picture.sizes().vec(), weight.size(0), picture.scalar_type(),
                             bias.defined(), slope, at::get_num_threads()});
    if (plan.winograd) {
      lock.unlock();
      const auto x = channels_last(picture), y = new_picture(picture, sizes(plan.y));
      plan.winograd->output(x, weight, bias, slope, y);
      count(y.numel(), weight[0].numel(), false);
      return y;
    }
    if (plan.supported) {
      const auto weights = plan.weight.pack(weight);
      lock.unlock();
      const auto x = channels_last(picture), y = new_picture(picture, sizes(plan.y));
      std::unordered_map<int, dnnl::memory> arguments = {
          {DNNL_ARG_SRC, view(x, plan.x)}, {DNNL_ARG_WEIGHTS, *weights}, {DNNL_ARG_DST, view(y, plan.y)}};
      if (bias.defined()) arguments.emplace(DNNL_ARG_BIAS, view(bias, plan.bias));
      run(plan.primitive, arguments);
      count(y.numel(), weight[0].numel(), false);
      return y;
    }
  }
  const auto same = [&](const Tensor& t) { return t.defined() ? t.to(picture.scalar_type()) : t; };
  const auto y = torch::conv2d(picture, same(weight), same(bias), pair(window_.stride), pair(window_.padding));
  count(y.numel(), weight[0].numel(), true);
  return slope == 1 ? y : at::leaky_relu(y, slope);
}

Tensor ConvolutionPlans::input(const Tensor& feature_map, const Tensor& weight, torch::IntArrayRef size) {
  if (suits_onednn(feature_map)) {
    std::unique_lock lock(mutex_);
    auto& plan = this->plan(
        {Product::input, size.vec(), weight.size(0), feature_map.scalar_type(), false, 1, at::get_num_threads()});
    if (plan.winograd) {
      lock.unlock();
      const auto y = channels_last(feature_map), x = new_picture(feature_map, size);
      plan.winograd->input(y, weight, x);
      count(y.numel(), weight[0].numel(), false);
      return x;
    }
    if (plan.phases) {  // under the lock: its weights are packed as it goes
      const auto y = channels_last(feature_map), x = new_picture(feature_map, size);
      plan.phases->run(y, weight, x);
      count(y.numel(), weight[0].numel(), false);
      return x;
    }
    if (plan.supported) {
      const auto weights = plan.weight.pack(weight);
      lock.unlock();
      const auto y = channels_last(feature_map), x = new_picture(feature_map, size);
      if (plan.by_patches) {
        const auto patches = torch::empty(sizes(plan.patches), torch::kFloat32);
        run(plan.primitive, {{DNNL_ARG_SRC, view(y, plan.maps)},
                             {DNNL_ARG_WEIGHTS, dnnl::memory(plan.product, cpu_engine(), weights->get_data_handle())},
                             {DNNL_ARG_DST, view(patches, plan.patches)}});
        add_up_patches(patches, window_, x);
      } else {
        run(plan.primitive,
            {{DNNL_ARG_DIFF_DST, view(y, plan.y)}, {DNNL_ARG_WEIGHTS, *weights}, {DNNL_ARG_DIFF_SRC, view(x, plan.x)}});
      }
      count(y.numel(), weight[0].numel(), false);
      return x;
    }
  }
  // Only the shape of what the convolution would have been applied to is looked at.
  const auto shape = torch::empty(size, feature_map.options());
  count(feature_map.numel(), weight[0].numel(), true);
  return fallback(feature_map, shape, weight.to(feature_map.scalar_type()), window_, /*in_picture=*/true);
}

Tensor ConvolutionPlans::weight(const Tensor& picture, const Tensor& feature_map) {
  const std::vector<int64_t> size = {feature_map.size(1), picture.size(1), window_.kernel.height, window_.kernel.width};
  if (suits_onednn(picture)) {
    const std::lock_guard lock(mutex_);
    auto& plan = this->plan({Product::weight, picture.sizes().vec(), feature_map.size(1), picture.scalar_type(), false,
                             1, at::get_num_threads()});
    if (plan.supported) {
      const auto x = channels_last(picture), y = channels_last(feature_map);
      const auto gradient = torch::empty(size, picture.options().dtype(torch::kFloat32).requires_grad(false));
      if (plan.winograd) {
        plan.winograd->weight(x, y, gradient);
        count(y.numel(), gradient[0].numel(), false);
        return gradient;
      }
      if (plan.by_patches) {
        const auto patches = gather_patches(x, window_);
        run(plan.primitive,
            {{DNNL_ARG_SRC, view(y, plan.maps)},
             {DNNL_ARG_WEIGHTS, view(patches, plan.patches)},
             {DNNL_ARG_DST, dnnl::memory(plan.product, cpu_engine(), plan.weight.room().get_data_handle())}});
      } else {
        run(plan.primitive, {{DNNL_ARG_SRC, view(x, plan.x)},
                             {DNNL_ARG_DIFF_DST, view(y, plan.y)},
                             {DNNL_ARG_DIFF_WEIGHTS, plan.weight.room()}});
      }
      plan.weight.unpack(gradient);
      count(y.numel(), gradient[0].numel(), false);
      return gradient;
    }
  }
  const auto shape = torch::empty(size, feature_map.options());
  count(feature_map.numel(), shape[0].numel(), true);
  const auto gradient = fallback(feature_map, picture, shape, window_, /*in_picture=*/false);
  return gradient.scalar_type() == torch::kBFloat16 ? gradient.to(torch::kFloat32) : gradient;
}

}  // namespace duet
