#pragma once

// The one place where oneDNN 2 and 3 differ. Version 2 makes an operation's description in a step of its own and shows
// a memory description's fields; version 3 makes the primitive's description at once and has accessors.
#include <oneapi/dnnl/dnnl.hpp>

#if DNNL_VERSION_MAJOR != 2 && DNNL_VERSION_MAJOR != 3
#error "duet is written for oneDNN 2 and 3, as Debian 12 and 13 package them; these headers are of another version"
#endif

namespace duet {

#if DNNL_VERSION_MAJOR == 2
inline dnnl::memory::dims sizes(const dnnl::memory::desc& layout) { return layout.dims(); }
inline dnnl::memory::data_type type_of(const dnnl::memory::desc& layout) { return layout.data_type(); }
#else
inline dnnl::memory::dims sizes(const dnnl::memory::desc& layout) { return layout.get_dims(); }
inline dnnl::memory::data_type type_of(const dnnl::memory::desc& layout) { return layout.get_data_type(); }
#endif

/// What every primitive is made with: the room that it needs while it runs is given to it by run(). Left to oneDNN, all
/// runs of a primitive share one, and two threads at once give wrong numbers without an error.
inline dnnl::primitive_attr attributes() {
  dnnl::primitive_attr all;
  all.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return all;
}

/// What follows a product: leaky ReLU of this slope, nothing for 1.
inline dnnl::primitive_attr then_leaky(double slope) {
  auto after = attributes();
  if (slope == 1) return after;
  dnnl::post_ops leaky;
  const auto relu = dnnl::algorithm::eltwise_relu;
#if DNNL_VERSION_MAJOR == 2
  leaky.append_eltwise(1, relu, static_cast<float>(slope), 0);
#else
  leaky.append_eltwise(relu, static_cast<float>(slope), 0);
#endif
  after.set_post_ops(leaky);
  return after;
}

/// c = a b + bias; `bias` may be empty.
inline dnnl::matmul::primitive_desc describe_matmul(const dnnl::engine& engine, const dnnl::memory::desc& a,
                                                    const dnnl::memory::desc& b, const dnnl::memory::desc& bias,
                                                    const dnnl::memory::desc& c,
                                                    const dnnl::primitive_attr& after = attributes()) {
#if DNNL_VERSION_MAJOR == 2
  return {{a, b, bias, c}, after, engine};
#else
  return {engine, a, b, bias, c, after};
#endif
}

/// The layouts of a convolution, `bias` may be empty, and its window's ways.
struct ConvolutionLayouts {
  dnnl::memory::desc x, weight, bias, y;
  dnnl::memory::dims stride, padding, padding_behind;
};

/// `kind` says whether gradients will be asked for.
inline dnnl::convolution_forward::primitive_desc describe_convolution(
    const dnnl::engine& engine, dnnl::prop_kind kind, const ConvolutionLayouts& of,
    const dnnl::primitive_attr& after = attributes()) {
  const auto direct = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR == 2
  return {{kind, direct, of.x, of.weight, of.bias, of.y, of.stride, of.padding, of.padding_behind}, after, engine};
#else
  return {engine, kind, direct, of.x, of.weight, of.bias, of.y, of.stride, of.padding, of.padding_behind, after};
#endif
}

/// x from y and weight.
inline dnnl::convolution_backward_data::primitive_desc describe_gradient_in_input(
    const dnnl::engine& engine, const ConvolutionLayouts& of,
    const dnnl::convolution_forward::primitive_desc& forward) {
  const auto direct = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR == 2
  return {{direct, of.x, of.weight, of.y, of.stride, of.padding, of.padding_behind}, attributes(), engine, forward};
#else
  return {engine, direct, of.x, of.weight, of.y, of.stride, of.padding, of.padding_behind, forward, attributes()};
#endif
}

/// weight from x and y.
inline dnnl::convolution_backward_weights::primitive_desc describe_gradient_in_weight(
    const dnnl::engine& engine, const ConvolutionLayouts& of,
    const dnnl::convolution_forward::primitive_desc& forward) {
  const auto direct = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR == 2
  return {{direct, of.x, of.weight, of.y, of.stride, of.padding, of.padding_behind}, attributes(), engine, forward};
#else
  return {engine, direct, of.x, of.weight, of.y, of.stride, of.padding, of.padding_behind, forward, attributes()};
#endif
}

}  // namespace duet
