// Layers that multiply with learned weights. Spectral normalisation: Miyato et al. 2018, arXiv:1802.05957, one power
// iteration per training forward.
#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "duet/ops/convert.h"
#include "duet/ops/convolution.h"
#include "duet/ops/linear.h"

namespace duet {
namespace {

/// What all of them can be told.
struct WeightOptions {
  bool bias = true, spectral = false;
  OwnInit init{};
};

/// The end of every spelling, in this order.
WeightOptions weight_options(Arguments& a) {
  WeightOptions options;
  options.bias = a.flag("bias", true);
  options.spectral = a.flag("spectral", false);
  options.init.weight = a.call("init", check_weight_init);
  options.init.bias = a.some_real("bias_init");
  if (options.init.bias && !options.bias)
    fail(Fault::recipe, "'{}': bias_init of a layer without a bias; leave one of bias = false and bias_init out",
         a.text());
  return options;
}

/// Weight and optional bias, optionally divided by the weight matrix's largest singular value.
class Weighted : public Layer {
 public:
  void reset(const Init& init, Generator& generator) override {
    const auto how = options_.init.over(init);
    init_weight(weight_, how, generator);
    if (options_.init.bias) {
      torch::NoGradGuard no_grad;
      bias_.fill_(*options_.init.bias);
    } else if (bias_.defined()) {
      init_bias(bias_, weight_, how, generator);
    }
    if (direction_.defined()) direction_.normal_(0, 1, generator).div_(direction_.norm());
  }
  bool limits_slope() const override { return direction_.defined(); }

 protected:
  Weighted(Shape output, torch::IntArrayRef weight, int64_t units, WeightOptions options)
      : Layer(output), options_(std::move(options)) {
    parameter(weight_, "weight", weight);
    if (options_.bias) parameter(bias_, "bias", {units});
    if (options_.spectral) direction_ = buffer("direction", torch::ones({weight[0]}));
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

  WeightOptions options_;
  Tensor weight_, bias_, direction_;
  double slope_ = 1;  // of the activation taken over
};

class Dense final : public Weighted {
 public:
  Dense(const Shape& input, int64_t units, WeightOptions options)
      : Weighted({units, 1, 1}, {units, input.numel()}, units, std::move(options)) {}
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
  Conv(Shape output, const Shape& input, Window w, WeightOptions options)
      : Weighted(output, {output.channels, input.channels, w.kernel.height, w.kernel.width}, output.channels,
                 std::move(options)),
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
  ConvTranspose(Shape output, const Shape& input, Window w, Sides output_padding, WeightOptions options)
      : Weighted(output, {input.channels, output.channels, w.kernel.height, w.kernel.width}, output.channels,
                 std::move(options)),
        convolution_(w),
        output_padding_(output_padding) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    return convolution_.apply_transposed(entering(as_pictures(x), pass), weight(pass), bias_, output_padding_);
  }
  const Bilinear::Work* work() const override { return &convolution_.work(); }

 private:
  Convolution convolution_;
  Sides output_padding_;
};

/// A learned number for each number of an example: a convolution's "untied" bias.
class Bias final : public Layer {
 public:
  explicit Bias(const Shape& input) : Layer(input) {
    parameter(bias_, "bias", {input.channels, input.height, input.width});
  }
  void reset(const Init& init, Generator&) override {
    torch::NoGradGuard no_grad;
    bias_.fill_(init.bias);
  }
  Tensor forward(const Tensor& x, Pass&) override { return x + (x.dim() == 4 ? bias_ : bias_.flatten()); }

 private:
  Tensor bias_;
};

std::unique_ptr<Layer> make_bias(Arguments&, const Shape& in) { return std::make_unique<Bias>(in); }

std::unique_ptr<Layer> make_dense(Arguments& a, const Shape& in) {
  const auto units = a.integer("units", {}, 1);
  return std::make_unique<Dense>(in, units, weight_options(a));
}

std::unique_ptr<Layer> make_conv(Arguments& a, const Shape& in) {
  const auto channels = a.integer("channels", {}, 1);
  Window w{};
  w.kernel = a.sides("kernel", 3, 1);
  w.stride = a.sides("stride", 1, 1);
  w.padding = a.sides("padding", 0);
  auto options = weight_options(a);
  if (!w.fits(in.height, in.width))
    fail(Fault::recipe, "'{}': a {}x{} kernel does not fit its input of {}; use a smaller kernel or more padding",
         a.text(), w.kernel.height, w.kernel.width, to_string(in));
  const Shape out{channels, w.rows(in.height), w.columns(in.width)};
  return std::make_unique<Conv>(out, in, w, std::move(options));
}

std::unique_ptr<Layer> make_conv_transpose(Arguments& a, const Shape& in) {
  const auto channels = a.integer("channels", {}, 1);
  Window w{};
  w.kernel = a.sides("kernel", 4, 1);
  w.stride = a.sides("stride", 2, 1);
  w.padding = a.sides("padding", 0);
  const auto more = a.sides("output_padding", 0);
  auto options = weight_options(a);
  if (more.height >= w.stride.height || more.width >= w.stride.width)
    fail(Fault::recipe, "'{}': output_padding {} must be less than the stride {}", a.text(), to_string(more),
         to_string(w.stride));
  const Shape out{channels, w.enlarged_rows(in.height, more), w.enlarged_columns(in.width, more)};
  if (out.height < 1 || out.width < 1)
    fail(Fault::recipe, "'{}': padding {} leaves nothing of an input of {}", a.text(), to_string(w.padding),
         to_string(in));
  return std::make_unique<ConvTranspose>(out, in, w, more, std::move(options));
}

}  // namespace

std::vector<LayerEntry> weighted_layers() {
  return {
      {"dense", "dense(units, bias=true, spectral=false, init=network's, bias_init=network's)",
       "every input times a weight, for each unit", "", make_dense},
      {"conv",
       "conv(channels, kernel=3, stride=1, padding=0, bias=true, spectral=false, init=network's, bias_init=network's)",
       "convolution", "LeCun et al. 1989", make_conv},
      {"conv_transpose",
       "conv_transpose(channels, kernel=4, stride=2, padding=0, output_padding=0, bias=true, spectral=false, "
       "init=network's, bias_init=network's)",
       "the adjoint of convolution: enlarges by the stride", "Radford et al. 2015, arXiv:1511.06434",
       make_conv_transpose},
      {"bias", "bias", "a learned number added to each number of an example: an untied bias", "", make_bias},
  };
}

}  // namespace duet
