#include "duet/core/error.h"
#include "duet/nn/layer.h"

namespace duet {
namespace {

/// A function of each number, without parameters.
class Pointwise final : public Layer {
 public:
  Pointwise(const Shape& shape, std::function<Tensor(const Tensor&)> function)
      : Layer(shape), function_(std::move(function)) {}
  Tensor forward(const Tensor& x, Pass&) override { return function_(x); }

 private:
  std::function<Tensor(const Tensor&)> function_;
};

class LeakyRelu final : public Layer {
 public:
  LeakyRelu(const Shape& shape, double slope) : Layer(shape), slope_(slope) {}
  // leaky_relu's gradient is made from its output, which tells the sign of x only where the slope is not negative.
  std::optional<double> leaky_slope() const override { return slope_ >= 0 ? std::optional(slope_) : std::nullopt; }
  Tensor forward(const Tensor& x, Pass&) override { return torch::leaky_relu(x, slope_); }

 private:
  double slope_;
};

class Prelu final : public Layer {
 public:
  explicit Prelu(const Shape& shape) : Layer(shape) { slope_ = parameter("slope", {1}); }
  void reset(const Init&, Generator&) override {
    torch::NoGradGuard no_grad;
    slope_.fill_(0.25);
  }
  Tensor forward(const Tensor& x, Pass&) override { return x.clamp_min(0) + slope_ * x.clamp_max(0); }

 private:
  Tensor slope_;
};

/// The largest of `pieces` neighbouring units (Goodfellow et al. 2013, arXiv:1302.4389).
class Maxout final : public Layer {
 public:
  Maxout(Shape output, int64_t pieces) : Layer(output), pieces_(pieces) {}
  Tensor forward(const Tensor& x, Pass&) override {
    auto sizes = x.sizes().vec();
    sizes[1] = output().channels;
    sizes.insert(sizes.begin() + 2, pieces_);
    return std::get<0>(x.view(sizes).max(2));
  }

 private:
  int64_t pieces_;
};

template <class Function>
LayerEntry plain(const char* name, const char* line, const char* paper, Function function) {
  return {name, name, line, paper, [function](Arguments&, const Shape& in) -> std::unique_ptr<Layer> {
            return std::make_unique<Pointwise>(in, function);
          }};
}

std::unique_ptr<Layer> make_leaky_relu(Arguments& a, const Shape& in) {
  return std::make_unique<LeakyRelu>(in, a.real("slope", 0.2));
}

std::unique_ptr<Layer> make_maxout(Arguments& a, const Shape& in) {
  const auto pieces = a.integer("pieces", 2, 1);
  if (in.channels % pieces != 0)
    fail(Fault::recipe, "'{}': {} units do not divide into groups of {}", a.text(), in.channels, pieces);
  return std::make_unique<Maxout>(Shape{in.channels / pieces, in.height, in.width}, pieces);
}

}  // namespace

std::vector<LayerEntry> activation_layers() {
  return {
      plain("linear", "x itself", "", [](const Tensor& x) { return x; }),
      {"relu", "relu", "max(x, 0)", "Nair & Hinton 2010",
       [](Arguments&, const Shape& in) -> std::unique_ptr<Layer> { return std::make_unique<LeakyRelu>(in, 0); }},
      {"leaky_relu", "leaky_relu(slope=0.2)", "x, or slope * x below 0", "Maas et al. 2013", make_leaky_relu},
      {"prelu", "prelu", "leaky_relu with a learned slope", "He et al. 2015, arXiv:1502.01852",
       [](Arguments&, const Shape& in) -> std::unique_ptr<Layer> { return std::make_unique<Prelu>(in); }},
      plain("tanh", "hyperbolic tangent, output in [-1, 1]", "", [](const Tensor& x) { return torch::tanh(x); }),
      plain("sigmoid", "1 / (1 + e^-x), output in [0, 1]", "", [](const Tensor& x) { return torch::sigmoid(x); }),
      plain("hard_sigmoid", "x / 6 + 1/2 cut to [0, 1]", "", [](const Tensor& x) { return (x / 6 + 0.5).clamp(0, 1); }),
      plain("softplus", "log(1 + e^x)", "", [](const Tensor& x) { return torch::softplus(x); }),
      plain("swish", "x * sigmoid(x)", "Ramachandran et al. 2017, arXiv:1710.05941",
            [](const Tensor& x) { return torch::silu(x); }),
      plain("softmax", "e^x / sum of e^x over the channels", "", [](const Tensor& x) { return torch::softmax(x, 1); }),
      {"maxout", "maxout(pieces=2)", "largest of each group of neighbouring units or channels",
       "Goodfellow et al. 2013, arXiv:1302.4389", make_maxout},
  };
}

}  // namespace duet
