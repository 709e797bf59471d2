// Layers that multiply with learned weights. Spectral normalisation: Miyato et al. 2018, arXiv:1802.05957, one power
// iteration per training walk.
#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "duet/ops/convert.h"
#include "duet/ops/convolution.h"
#include "duet/ops/linear.h"

namespace duet {
namespace {

/// Weight and optional bias, optionally divided by the weight matrix's largest singular value.
class Weighted : public Layer {
 public:
  void reset(const Init& init, Generator& generator) override {
    init_weight(weight_, init, generator);
    if (bias_.defined()) init_bias(bias_, weight_, init, generator);
    if (direction_.defined()) direction_.normal_(0, 1, generator).div_(direction_.norm());
  }
  bool limits_slope() const override { return direction_.defined(); }

 protected:
  Weighted(Shape output, torch::IntArrayRef weight, int64_t units, bool bias, bool spectral) : Layer(output) {
    parameter(weight_, "weight", weight);
    if (bias) parameter(bias_, "bias", {units});
    if (spectral) direction_ = buffer("direction", torch::ones({weight[0]}));
  }

  static Tensor entering(const Tensor& x, const Pass& pass) {
    return pass.bfloat16 ? converted(x, torch::kBFloat16) : x;
  }

  Tensor weight(const Pass& pass) {
    if (!direction_.defined()) return weight_;
    const auto matrix = weight_.flatten(1);
    Tensor left, right;
    {
      torch::NoGradGuard no_grad;
      const auto unit = [](const Tensor& v) { return v / v.norm().clamp_min(1e-12); };
      right = unit(matrix.t().mv(direction_));
      left = unit(matrix.mv(right));
      if (pass.training && pass.update_statistics) direction_.copy_(left);
    }
    return weight_ / torch::dot(left, matrix.mv(right));
  }

  Tensor weight_, bias_, direction_;
  double slope_ = 1;  // of the activation taken over
};

class Dense final : public Weighted {
 public:
  Dense(const Shape& input, int64_t units, bool bias, bool spectral)
      : Weighted({units, 1, 1}, {units, input.numel()}, units, bias, spectral) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    return linear_.apply(entering(x, pass).flatten(1), weight(pass), bias_, slope_);
  }
  bool take_over_leaky(double slope) override {
    slope_ = slope;
    return true;
  }
  const Bilinear::Work* work() const override { return &linear_.work(); }

 private:
  Linear linear_;
};

class Conv final : public Weighted {
 public:
  Conv(Shape output, const Shape& input, Window w, bool bias, bool spectral)
      : Weighted(output, {output.channels, input.channels, w.kernel, w.kernel}, output.channels, bias, spectral),
        convolution_(w) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    return convolution_.apply(entering(as_pictures(x), pass), weight(pass), bias_, slope_);
  }
  bool take_over_leaky(double slope) override {
    slope_ = slope;
    return true;
  }
  const Bilinear::Work* work() const override { return &convolution_.work(); }

 private:
  Convolution convolution_;
};

class ConvTranspose final : public Weighted {
 public:
  ConvTranspose(Shape output, const Shape& input, Window w, int64_t output_padding, bool bias, bool spectral)
      : Weighted(output, {input.channels, output.channels, w.kernel, w.kernel}, output.channels, bias, spectral),
        convolution_(w),
        output_padding_(output_padding) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    return convolution_.apply_transposed(entering(as_pictures(x), pass), weight(pass), bias_, output_padding_);
  }
  const Bilinear::Work* work() const override { return &convolution_.work(); }

 private:
  Convolution convolution_;
  int64_t output_padding_;
};

std::unique_ptr<Layer> make_dense(Arguments& a, const Shape& in) {
  const auto units = a.integer("units", {}, 1);
  const bool bias = a.flag("bias", true);
  return std::make_unique<Dense>(in, units, bias, a.flag("spectral", false));
}

std::unique_ptr<Layer> make_conv(Arguments& a, const Shape& in) {
  const auto channels = a.integer("channels", {}, 1);
  Window w{};
  w.kernel = a.integer("kernel", 3, 1);
  w.stride = a.integer("stride", 1, 1);
  w.padding = a.integer("padding", 0);
  const bool bias = a.flag("bias", true), spectral = a.flag("spectral", false);
  const auto side = [&](int64_t size) { return (size + 2 * w.padding - w.kernel) / w.stride + 1; };
  const Shape out{channels, side(in.height), side(in.width)};
  if (in.height + 2 * w.padding < w.kernel || in.width + 2 * w.padding < w.kernel)
    fail(Fault::recipe, "'{}': a {}x{} kernel does not fit its input of {}; use a smaller kernel or more padding",
         a.text(), w.kernel, w.kernel, to_string(in));
  return std::make_unique<Conv>(out, in, w, bias, spectral);
}

std::unique_ptr<Layer> make_conv_transpose(Arguments& a, const Shape& in) {
  const auto channels = a.integer("channels", {}, 1);
  Window w{};
  w.kernel = a.integer("kernel", 4, 1);
  w.stride = a.integer("stride", 2, 1);
  w.padding = a.integer("padding", 0);
  const auto output_padding = a.integer("output_padding", 0);
  const bool bias = a.flag("bias", true), spectral = a.flag("spectral", false);
  if (output_padding >= w.stride)
    fail(Fault::recipe, "'{}': output_padding {} must be less than the stride {}", a.text(), output_padding, w.stride);
  const auto side = [&](int64_t size) { return (size - 1) * w.stride - 2 * w.padding + w.kernel + output_padding; };
  const Shape out{channels, side(in.height), side(in.width)};
  if (out.height < 1 || out.width < 1)
    fail(Fault::recipe, "'{}': padding {} leaves nothing of an input of {}", a.text(), w.padding, to_string(in));
  return std::make_unique<ConvTranspose>(out, in, w, output_padding, bias, spectral);
}

}  // namespace

std::vector<LayerEntry> weighted_layers() {
  return {
      {"dense", "dense(units, bias=true, spectral=false)", "every input times a weight, for each unit", "", make_dense},
      {"conv", "conv(channels, kernel=3, stride=1, padding=0, bias=true, spectral=false)", "convolution",
       "LeCun et al. 1989", make_conv},
      {"conv_transpose",
       "conv_transpose(channels, kernel=4, stride=2, padding=0, output_padding=0, bias=true, spectral=false)",
       "the adjoint of convolution: enlarges by the stride", "Radford et al. 2015, arXiv:1511.06434",
       make_conv_transpose},
  };
}

}  // namespace duet
