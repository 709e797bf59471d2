#include "duet/core/draw.h"
#include "duet/core/error.h"
#include "duet/nn/layer.h"

namespace duet {
namespace {

const Noise& noise_of(const Pass& pass) {
  if (!pass.noise.defined()) throw Error(Fault::internal, "a noisy layer was walked without a random generator");
  return pass.noise;
}

/// Dropout with a keep probability and a scale of their own (Srivastava et al. 2014; Pylearn2's mlp.Dropout).
class Dropout final : public Layer {
 public:
  Dropout(const Shape& shape, double keep, double scale, bool always)
      : Layer(shape), keep_(keep), scale_(scale), always_(always) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (!pass.training && !always_) return x;
    return x * draw_bernoulli(x.sizes(), x.options(), keep_, noise_of(pass)).mul_(scale_);
  }
  bool is_random_when_sampling() const override { return always_; }
  Range reach(const Range& input) const override { return always_ ? kEverything : input; }

 private:
  double keep_, scale_;
  bool always_;
};

class GaussianNoise final : public Layer {
 public:
  GaussianNoise(const Shape& shape, double deviation, bool always)
      : Layer(shape), deviation_(deviation), always_(always) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (!pass.training && !always_) return x;
    return x + draw_normal(x.sizes(), x.options(), 0, deviation_, noise_of(pass));
  }
  bool is_random_when_sampling() const override { return always_; }
  Range reach(const Range& input) const override { return always_ ? kEverything : input; }

 private:
  double deviation_;
  bool always_;
};

/// Fresh noise as further inputs of a hidden layer.
class NoiseConcat final : public Layer {
 public:
  NoiseConcat(const Shape& input, int64_t units, double deviation)
      : Layer({input.channels + units, input.height, input.width}), units_(units), deviation_(deviation) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    auto sizes = x.sizes().vec();
    sizes[1] = units_;
    return torch::cat({x, draw_normal(sizes, x.options(), 0, deviation_, noise_of(pass))}, 1);
  }
  bool is_random_when_sampling() const override { return true; }

 private:
  int64_t units_;
  double deviation_;
};

/// Mean over features of the batch's standard deviation, as one more channel.
class BatchDeviation final : public Layer {
 public:
  explicit BatchDeviation(const Shape& input) : Layer({input.channels + 1, input.height, input.width}) {}
  Tensor forward(const Tensor& x, Pass&) override {
    const auto centred = x - x.mean(0, true);
    auto sizes = x.sizes().vec();
    sizes[1] = 1;
    return torch::cat({x, torch::sqrt(centred.square().mean(0) + 1e-8).mean().expand(sizes)}, 1);
  }
  bool keeps_groups_apart() const override { return false; }
  bool mixes_examples() const override { return true; }
};

/// How near the other examples of the batch are, in learned projections (sum over them of e^-|difference|_1).
class BatchDiscrimination final : public Layer {
 public:
  BatchDiscrimination(const Shape& input, int64_t kernels, int64_t depth)
      : Layer({input.numel() + kernels, 1, 1}), kernels_(kernels), depth_(depth) {
    parameter(projection_, "projection", {kernels * depth, input.numel()});
  }
  bool keeps_groups_apart() const override { return false; }
  bool mixes_examples() const override { return true; }
  void reset(const Init& init, Generator& generator) override { init_weight(projection_, init, generator); }
  Tensor forward(const Tensor& x, Pass&) override {
    const auto flat = x.flatten(1);
    const auto m = torch::linear(flat, projection_).view({-1, kernels_, depth_});
    const auto distance = (m.unsqueeze(0) - m.unsqueeze(1)).abs().sum(3);
    return torch::cat({flat, torch::exp(-distance).sum(0) - 1}, 1);
  }

 private:
  int64_t kernels_, depth_;
  Tensor projection_;
};

std::unique_ptr<Layer> make_dropout(Arguments& a, const Shape& in) {
  const double keep = a.real("keep", 0.5);
  if (keep <= 0 || keep > 1) fail(Fault::recipe, "'{}': keep = {}; expected a probability above 0", a.text(), keep);
  const double scale = a.real("scale", 1 / keep);
  return std::make_unique<Dropout>(in, keep, scale, a.word("mode", "train", {"train", "always"}) == "always");
}

std::unique_ptr<Layer> make_noise(Arguments& a, const Shape& in) {
  const double deviation = a.real("deviation", 0.1);
  return std::make_unique<GaussianNoise>(in, deviation, a.word("mode", "train", {"train", "always"}) == "always");
}

std::unique_ptr<Layer> make_noise_concat(Arguments& a, const Shape& in) {
  const auto units = a.integer("units", {}, 1);
  return std::make_unique<NoiseConcat>(in, units, a.real("deviation", 1.0));
}

std::unique_ptr<Layer> make_batch_discrimination(Arguments& a, const Shape& in) {
  const auto kernels = a.integer("kernels", 50, 1);
  return std::make_unique<BatchDiscrimination>(in, kernels, a.integer("depth", 5, 1));
}

}  // namespace

std::vector<LayerEntry> noise_layers() {
  return {
      {"dropout", "dropout(keep=0.5, scale=1/keep, mode=train|always)", "numbers dropped at random",
       "Srivastava et al. 2014", make_dropout},
      {"noise", "noise(deviation=0.1, mode=train|always)", "Gaussian noise added", "", make_noise},
      {"noise_concat", "noise_concat(units, deviation=1)", "fresh Gaussian units appended", "", make_noise_concat},
      {"batch_deviation", "batch_deviation", "the batch's mean standard deviation as a channel",
       "Karras et al. 2017, arXiv:1710.10196",
       [](Arguments&, const Shape& in) -> std::unique_ptr<Layer> { return std::make_unique<BatchDeviation>(in); }},
      {"batch_discrimination", "batch_discrimination(kernels=50, depth=5)", "likeness to the batch's other examples",
       "Salimans et al. 2016, arXiv:1606.03498", make_batch_discrimination},
  };
}

}  // namespace duet
