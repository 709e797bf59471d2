#include "duet/core/draw.h"
#include "duet/core/error.h"
#include "duet/nn/layer.h"

namespace duet {
namespace {

const Noise& noise_of(const Pass& pass) {
  if (!pass.noise.defined()) throw Error(Fault::internal, "a noisy layer was called without a random generator");
  return pass.noise;
}

/// When a layer disturbs what passes through it.
struct When {
  bool always = false;   ///< also when it does not train
  std::string player{};  ///< while it trains, in the turns of this player alone; empty: in everybody's
  bool is_now(const Pass& pass) const { return pass.training ? player.empty() || pass.player == player : always; }
};

/// The end of such a layer's spelling.
When when(Arguments& a) {
  When found;
  found.always = a.word("mode", "train", {"train", "always"}) == "always";
  found.player = a.some_identifier("turns");
  return found;
}

class Disturbing : public Layer {
 public:
  bool is_random_when_sampling() const override { return when_.always; }
  std::string turns() const override { return when_.player; }

 protected:
  Disturbing(const Shape& shape, When when) : Layer(shape), when_(std::move(when)) {}
  When when_;
};

/// Dropout with a keep probability and a scale of their own (Srivastava et al. 2014; Pylearn2's mlp.Dropout).
class Dropout final : public Disturbing {
 public:
  Dropout(const Shape& shape, double keep, double scale, When when)
      : Disturbing(shape, std::move(when)), keep_(keep), scale_(scale) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (!when_.is_now(pass)) return x;
    return x * draw_bernoulli(x.sizes(), x.options(), keep_, noise_of(pass)).mul_(scale_);
  }
  Range reach(const Range& input) const override { return when_.always ? kEverything : input; }

 private:
  double keep_, scale_;
};

class GaussianNoise final : public Disturbing {
 public:
  GaussianNoise(const Shape& shape, double deviation, When when)
      : Disturbing(shape, std::move(when)), deviation_(deviation) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (!when_.is_now(pass)) return x;
    return x + draw_normal(x.sizes(), x.options(), 0, deviation_, noise_of(pass));
  }

 private:
  double deviation_;
};

/// Noise of two values, which splits every number into two clusters (goodfeli/adversarial's Clusterize).
class Clusterize final : public Disturbing {
 public:
  Clusterize(const Shape& shape, double scale, When when) : Disturbing(shape, std::move(when)), scale_(scale) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (!when_.is_now(pass)) return x;
    return x + draw_bernoulli(x.sizes(), x.options(), 0.5, noise_of(pass)).mul_(2 * scale_).sub_(scale_);
  }

 private:
  double scale_;
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
class MinibatchStddev final : public Layer {
 public:
  explicit MinibatchStddev(const Shape& input) : Layer({input.channels + 1, input.height, input.width}) {}
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
class MinibatchDiscrimination final : public Layer {
 public:
  MinibatchDiscrimination(const Shape& input, int64_t kernels, int64_t depth, OwnInit init)
      : Layer({input.numel() + kernels, 1, 1}), kernels_(kernels), depth_(depth), init_(std::move(init)) {
    parameter(projection_, "projection", {kernels * depth, input.numel()});
  }
  bool keeps_groups_apart() const override { return false; }
  bool mixes_examples() const override { return true; }
  void reset(const Init& init, Generator& generator) override { init_weight(projection_, init_.over(init), generator); }
  Tensor forward(const Tensor& x, Pass&) override {
    const auto flat = x.flatten(1);
    const auto m = torch::linear(flat, projection_).view({-1, kernels_, depth_});
    const auto distance = (m.unsqueeze(0) - m.unsqueeze(1)).abs().sum(3);
    return torch::cat({flat, torch::exp(-distance).sum(0) - 1}, 1);
  }

 private:
  int64_t kernels_, depth_;
  OwnInit init_;
  Tensor projection_;
};

std::unique_ptr<Layer> make_dropout(Arguments& a, const Shape& in) {
  const double keep = a.real("keep", 0.5);
  if (keep <= 0 || keep > 1) fail(Fault::recipe, "'{}': keep = {}; expected a probability above 0", a.text(), keep);
  const double scale = a.real("scale", 1 / keep);
  return std::make_unique<Dropout>(in, keep, scale, when(a));
}

std::unique_ptr<Layer> make_noise(Arguments& a, const Shape& in) {
  const double deviation = a.real("deviation", 0.1);
  return std::make_unique<GaussianNoise>(in, deviation, when(a));
}

std::unique_ptr<Layer> make_clusterize(Arguments& a, const Shape& in) {
  const double scale = a.real("scale", 1.0);
  return std::make_unique<Clusterize>(in, scale, when(a));
}

std::unique_ptr<Layer> make_noise_concat(Arguments& a, const Shape& in) {
  const auto units = a.integer("units", {}, 1);
  return std::make_unique<NoiseConcat>(in, units, a.real("deviation", 1.0));
}

std::unique_ptr<Layer> make_minibatch_discrimination(Arguments& a, const Shape& in) {
  const auto kernels = a.integer("kernels", 50, 1), depth = a.integer("depth", 5, 1);
  OwnInit init;
  init.weight = a.call("init", check_weight_init);
  return std::make_unique<MinibatchDiscrimination>(in, kernels, depth, std::move(init));
}

}  // namespace

std::vector<LayerEntry> noise_layers() {
  return {
      {"dropout", "dropout(keep=0.5, scale=1/keep, mode=train|always, turns=everybody's)",
       "numbers dropped at random; with a player's name in turns, while training only in its turns",
       "Srivastava et al. 2014", make_dropout},
      {"noise", "noise(deviation=0.1, mode=train|always, turns=everybody's)",
       "Gaussian noise added; turns as of dropout", "", make_noise},
      {"clusterize", "clusterize(scale=1, mode=train|always, turns=everybody's)",
       "+scale or -scale added to each number, by chance; turns as of dropout", "goodfeli/adversarial",
       make_clusterize},
      {"noise_concat", "noise_concat(units, deviation=1)", "fresh Gaussian units appended", "", make_noise_concat},
      {"minibatch_stddev", "minibatch_stddev", "the batch's mean standard deviation as a channel",
       "Karras et al. 2017, arXiv:1710.10196",
       [](Arguments&, const Shape& in) -> std::unique_ptr<Layer> { return std::make_unique<MinibatchStddev>(in); }},
      {"minibatch_discrimination", "minibatch_discrimination(kernels=50, depth=5, init=network's)",
       "likeness to the batch's other examples", "Salimans et al. 2016, arXiv:1606.03498",
       make_minibatch_discrimination},
  };
}

}  // namespace duet
