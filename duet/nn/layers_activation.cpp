#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/nn/layer.h"

namespace duet {
namespace {

/// A function of each number, without parameters.
struct Function {
  std::function<Tensor(const Tensor&)> of;
  std::function<Range(const Range&)> reach;
  std::function<Tensor(const Tensor& y)> inverse;  ///< empty: none
};

class Pointwise final : public Layer {
 public:
  Pointwise(const Shape& shape, Function function) : Layer(shape), function_(std::move(function)) {}
  Tensor forward(const Tensor& x, Pass&) override { return function_.of(x); }
  Range reach(const Range& input) const override { return function_.reach(input); }
  Tensor undone(const Tensor& y) const override { return function_.inverse ? function_.inverse(y) : Tensor(); }

 private:
  Function function_;
};

/// The reach of a function that never falls.
template <class Number>
std::function<Range(const Range&)> rising(Number f) {
  return [f](const Range& x) { return Range{f(x.low), f(x.high)}; };
}

double swish(double x) { return std::isinf(x) && x < 0 ? 0 : x / (1 + std::exp(-x)); }

/// It falls up to the place of its lowest value, and rises from there on.
Range reach_of_swish(const Range& x) {
  constexpr double kPlace = -1.2784645427610738;
  return {swish(std::clamp(kPlace, x.low, x.high)), std::max(swish(x.low), swish(x.high))};
}

class LeakyRelu final : public Layer {
 public:
  LeakyRelu(const Shape& shape, double slope) : Layer(shape), slope_(slope) {}
  // leaky_relu's gradient is made from its output, which tells the sign of x only where the slope is not negative.
  std::optional<double> leaky_slope() const override { return slope_ >= 0 ? std::optional(slope_) : std::nullopt; }
  Tensor forward(const Tensor& x, Pass&) override { return torch::leaky_relu(x, slope_); }
  Range reach(const Range& input) const override {
    if (slope_ < 0) return kEverything;
    const auto f = [&](double x) { return x >= 0 ? x : slope_ == 0 ? 0.0 : slope_ * x; };
    return {f(input.low), f(input.high)};
  }
  Tensor undone(const Tensor& y) const override {
    return slope_ > 0 ? torch::where(y >= 0, y, y / slope_) : slope_ == 0 ? y.clamp_min(0) : Tensor();
  }

 private:
  double slope_;
};

class Prelu final : public Layer {
 public:
  explicit Prelu(const Shape& shape) : Layer(shape) { parameter(slope_, "slope", {1}); }
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
  Range reach(const Range& input) const override { return input; }

 private:
  int64_t pieces_;
};

LayerEntry plain(const char* name, const char* line, const char* paper, const Function& function) {
  return {name, name, line, paper, [function](Arguments&, const Shape& in) -> std::unique_ptr<Layer> {
            return std::make_unique<Pointwise>(in, function);
          }};
}

// Where a function has no inverse, or an infinite one, as for pixels that never vary, the nearest place that has.
const Function kLinear{[](const Tensor& x) { return x; }, [](const Range& x) { return x; },
                       [](const Tensor& y) { return y; }};
const Function kTanh{[](const Tensor& x) { return torch::tanh(x); }, rising([](double x) { return std::tanh(x); }),
                     [](const Tensor& y) { return torch::atanh(y.clamp(-1 + 2e-3, 1 - 2e-3)); }};
const Function kSigmoid{[](const Tensor& x) { return torch::sigmoid(x); },
                        rising([](double x) { return 1 / (1 + std::exp(-x)); }),
                        [](const Tensor& y) { return torch::logit(y.clamp(1e-3, 1 - 1e-3)); }};
const Function kSoftplus{[](const Tensor& x) { return torch::softplus(x); },
                         rising([](double x) { return x > 30 ? x : std::log1p(std::exp(x)); }),
                         [](const Tensor& y) { return torch::log(torch::expm1(y.clamp_min(1e-3))); }};
const Function kSwish{[](const Tensor& x) { return torch::silu(x); }, reach_of_swish, {}};

std::unique_ptr<Layer> make_hard_sigmoid(Arguments& a, const Shape& in) {
  const double pieces = a.word("slope", "1/6", {"1/6", "1/5"}) == "1/6" ? 6 : 5;
  return std::make_unique<Pointwise>(
      in, Function{[pieces](const Tensor& x) { return (x / pieces + 0.5).clamp(0, 1); },
                   rising([pieces](double x) { return std::clamp(x / pieces + 0.5, 0.0, 1.0); }),
                   [pieces](const Tensor& y) { return (y.clamp(0, 1) - 0.5) * pieces; }});
}

std::unique_ptr<Layer> make_softmax(Arguments&, const Shape& in) {
  // A single channel has nothing to share with.
  const double low = in.channels > 1 ? 0 : 1;
  return std::make_unique<Pointwise>(
      in, Function{
              [](const Tensor& x) { return torch::softmax(x, 1); }, [low](const Range&) { return Range{low, 1}; }, {}});
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
      plain("linear", "x itself", "", kLinear),
      {"relu", "relu", "max(x, 0)", "Nair & Hinton 2010",
       [](Arguments&, const Shape& in) -> std::unique_ptr<Layer> { return std::make_unique<LeakyRelu>(in, 0); }},
      {"leaky_relu", "leaky_relu(slope=0.2)", "x, or slope * x below 0", "Maas et al. 2013", make_leaky_relu},
      {"prelu", "prelu", "leaky_relu with a learned slope", "He et al. 2015, arXiv:1502.01852",
       [](Arguments&, const Shape& in) -> std::unique_ptr<Layer> { return std::make_unique<Prelu>(in); }},
      plain("tanh", "hyperbolic tangent, output in [-1, 1]", "", kTanh),
      plain("sigmoid", "1 / (1 + e^-x), output in [0, 1]", "", kSigmoid),
      {"hard_sigmoid", "hard_sigmoid(slope=1/6|1/5)", "slope * x + 1/2 cut to [0, 1]; Theano's slope is 1/5", "",
       make_hard_sigmoid},
      plain("softplus", "log(1 + e^x)", "", kSoftplus),
      plain("swish", "x * sigmoid(x)", "Ramachandran et al. 2017, arXiv:1710.05941", kSwish),
      {"softmax", "softmax", "e^x / sum of e^x over the channels", "", make_softmax},
      {"maxout", "maxout(pieces=2)", "largest of each group of neighbouring units or channels",
       "Goodfellow et al. 2013, arXiv:1302.4389", make_maxout},
  };
}

}  // namespace duet
