#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "duet/ops/batch_norm.h"
#include "duet/ops/convert.h"

namespace duet {
namespace {

/// [C] reshaped so that it meets dimension 1 of x.
Tensor per_channel(const Tensor& v, const Tensor& x) { return x.dim() == 4 ? v.view({1, -1, 1, 1}) : v.view({1, -1}); }

/// What is learned after normalising: a scale, a shift, both or neither.
struct Learned {
  bool scale = true, shift = true;
  std::string scale_init{};  ///< empty: the network's
};

/// The end of a norm's spelling; `affine` is both of them, where they are not told apart.
Learned learned(Arguments& a, bool affine) {
  Learned found;
  found.scale = a.flag("scale", affine);
  found.shift = a.flag("shift", affine);
  found.scale_init = a.call("scale_init", check_scale_init);
  if (!found.scale && !found.scale_init.empty())
    fail(Fault::recipe, "'{}': scale_init of a layer without a scale; leave scale_init out, or set scale = true",
         a.text());
  return found;
}

class Norm : public Layer {
 public:
  void reset(const Init& init, Generator& generator) override {
    auto how = init;
    if (!scale_init_.empty()) how.scale = scale_init_;
    if (scale_.defined()) init_scale(scale_, how, generator);
    torch::NoGradGuard no_grad;
    if (shift_.defined()) shift_.zero_();
  }

 protected:
  Norm(const Shape& shape, int64_t channels, const Learned& learned) : Layer(shape), scale_init_(learned.scale_init) {
    if (learned.scale) parameter(scale_, "scale", {channels});
    if (learned.shift) parameter(shift_, "shift", {channels});
  }
  Tensor scaled(const Tensor& x) const {
    const auto y = scale_.defined() ? x * per_channel(scale_, x) : x;
    return shift_.defined() ? y + per_channel(shift_, x) : y;
  }
  std::string scale_init_;
  Tensor scale_, shift_;
};

class BatchNorm final : public Norm {
 public:
  struct Options {
    double momentum = 0.1, eps = 1e-5;
    bool always_batch = false;  ///< statistics of the batch even when it does not train
    bool by_feature = false;    ///< each number of an example has its own; else each channel
  };
  BatchNorm(const Shape& shape, int64_t channels, const Learned& learned, const Options& options)
      : Norm(shape, channels, learned), options_(options) {
    mean_ = buffer("mean", torch::zeros({channels}));
    variance_ = buffer("variance", torch::ones({channels}));
  }
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (!options_.by_feature || x.dim() == 2) return normalised(x, pass);
    return normalised(x.flatten(1), pass).reshape(x.sizes());
  }
  bool take_over_leaky(double slope) override {
    slope_ = slope;
    return true;
  }
  bool mixes_examples() const override { return options_.always_batch; }
  bool normalises_batch() const override { return true; }

 private:
  Tensor normalised(const Tensor& x, const Pass& pass) {
    if (pass.training || options_.always_batch) {
      // A waiting player's statistics stay as they are.
      RunningStatistics running;
      if (pass.training && pass.update_statistics)
        running = {mean_, variance_, pass.statistics_share > 0 ? pass.statistics_share : options_.momentum};
      return batch_norm(x, scale_, shift_, running, options_.eps, slope_, pass.groups);
    }
    const auto y = torch::batch_norm(x, scale_, shift_, mean_, variance_, /*training=*/false, options_.momentum,
                                     options_.eps, /*cudnn_enabled=*/true);
    return slope_ == 1 ? y : torch::leaky_relu(y, slope_);
  }

  Options options_;
  double slope_ = 1;
  Tensor mean_, variance_;
};

/// Virtual batch norm (Salimans et al. 2016, arXiv:1606.03498, section 3.5): mean and variance are those of the
/// reference batch's numbers together with the example's own, which weighs as one more example; those of the reference
/// batch itself are its own.
class VirtualBatchNorm final : public Norm {
 public:
  VirtualBatchNorm(const Shape& shape, int64_t channels, const Learned& learned, double eps, bool by_feature,
                   int64_t reference)
      : Norm(shape, channels, learned), eps_(eps), by_feature_(by_feature), reference_(reference) {}
  int64_t reference() const override { return reference_; }
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (pass.reference != reference_) throw Error(Fault::internal, "virtual batch norm without its reference batch");
    const auto numbers = in_full(by_feature_ ? x.flatten(1) : x);
    return converted(normalised(numbers), x.scalar_type()).reshape(x.sizes());
  }

 private:
  static Tensor in_full(const Tensor& x) {
    return x.scalar_type() == torch::kBFloat16 ? converted(x, torch::kFloat32) : x;
  }
  Tensor normalised(const Tensor& x) const {
    const auto mean_over_space = [](const Tensor& t) { return t.dim() == 4 ? t.mean({2, 3}, true) : t; };
    const auto mean_of_reference = [&](const Tensor& t) { return t.narrow(0, 0, reference_).mean(0, true); };
    // Both moments are taken from the reference's mean on, where little cancels.
    const auto centred = x - mean_of_reference(mean_over_space(x));
    const auto squares = mean_over_space(centred.square());
    const double share = 1 / static_cast<double>(reference_ + 1);
    const auto own = [&](const Tensor& t) { return t.narrow(0, reference_, t.size(0) - reference_); };
    const auto variance = mean_of_reference(squares), mean = share * own(mean_over_space(centred));
    const auto of_own = torch::cat({torch::zeros_like(mean_over_space(centred).narrow(0, 0, reference_)), mean});
    const auto repeated = variance.expand_as(of_own.narrow(0, 0, reference_));
    const auto variances = torch::cat({repeated, (1 - share) * variance + share * own(squares) - mean.square()});
    return scaled((centred - of_own) * torch::rsqrt(variances + eps_));
  }

  double eps_;
  bool by_feature_;
  int64_t reference_;
};

/// Subtracts what real examples give on average (goodfeli/adversarial's SubtractRealMean), and divides by their
/// deviation if wanted. Real and generated examples are judged as two groups, real ones first: the running mean is of
/// these, and moves in the discriminator's own turns alone. No gradient goes through it, and no group sees the other.
class SubtractRealMean final : public Layer {
 public:
  SubtractRealMean(const Shape& shape, bool divide, double momentum)
      : Layer(shape), divide_(divide), momentum_(momentum) {
    mean_ = buffer("mean", torch::zeros({shape.channels}));
    variance_ = buffer("variance", torch::ones({shape.channels}));
  }
  Tensor forward(const Tensor& x, Pass& pass) override {
    // Copies, because the graph keeps what it was computed with, and the statistics move in place.
    const auto mean = per_channel(mean_.clone(), x), scale = per_channel(torch::rsqrt(variance_ + kEps), x);
    if (pass.training && pass.update_statistics && pass.groups > 1) follow(x.narrow(0, 0, x.size(0) / pass.groups));
    return divide_ ? (x - mean) * scale : x - mean;
  }

 private:
  static constexpr double kEps = 1e-5;

  void follow(const Tensor& real) {
    const torch::NoGradGuard no_grad;
    const auto numbers = real.detach().to(mean_.scalar_type()).transpose(0, 1).flatten(1);  // [C, M]
    mean_.lerp_(numbers.mean(1), momentum_);
    variance_.lerp_(numbers.var(1, /*unbiased=*/false), momentum_);
  }

  bool divide_;
  double momentum_;
  Tensor mean_, variance_;
};

/// Normalises every example on its own: over space (instance), everything (layer), or channels at each place (pixel).
class ExampleNorm final : public Norm {
 public:
  enum class Over { space, all, channels };
  ExampleNorm(const Shape& shape, Over over, const Learned& learned, double eps)
      : Norm(shape, shape.channels, learned), over_(over), eps_(eps) {}
  Tensor forward(const Tensor& x, Pass&) override {
    if (over_ == Over::channels) return x * torch::rsqrt(x.square().mean(1, true) + eps_);
    const std::vector<int64_t> dims = over_ == Over::space ? std::vector<int64_t>{2, 3}
                                      : x.dim() == 4       ? std::vector<int64_t>{1, 2, 3}
                                                           : std::vector<int64_t>{1};
    const auto centred = x - x.mean(dims, true);
    return scaled(centred * torch::rsqrt(centred.square().mean(dims, true) + eps_));
  }

 private:
  Over over_;
  double eps_;
};

std::unique_ptr<Layer> make_batch_norm(Arguments& a, const Shape& in) {
  BatchNorm::Options options;
  const bool affine = a.flag("affine", true);
  options.momentum = a.real("momentum", 0.1), options.eps = a.real("eps", 1e-5);
  const auto statistics = a.word("statistics", "running", {"running", "batch", "reference"});
  options.always_batch = statistics == "batch";
  options.by_feature = a.word("over", "channels", {"channels", "features"}) == "features";
  const auto channels = options.by_feature ? in.numel() : in.channels;
  const auto with = learned(a, affine);
  const auto reference = a.integer("reference", 64, 1);
  if (statistics == "reference")
    return std::make_unique<VirtualBatchNorm>(in, channels, with, options.eps, options.by_feature, reference);
  return std::make_unique<BatchNorm>(in, channels, with, options);
}

template <ExampleNorm::Over over, bool affine>
std::unique_ptr<Layer> make_example_norm(Arguments& a, const Shape& in) {
  if (over == ExampleNorm::Over::space && in.is_vector())
    fail(Fault::recipe, "'{}': a vector of {} has no space to normalise over; use layer_norm", a.text(), in.channels);
  const bool with = affine && a.flag("affine", true);
  const double eps = a.real("eps", 1e-5);
  return std::make_unique<ExampleNorm>(in, over, affine ? learned(a, with) : Learned{false, false}, eps);
}

std::unique_ptr<Layer> make_subtract_real_mean(Arguments& a, const Shape& in) {
  const bool divide = a.flag("divide", false);
  const double momentum = a.real("momentum", 0.1);
  if (momentum <= 0 || momentum > 1)
    fail(Fault::recipe, "'{}': momentum = {}; expected a number above 0, at most 1", a.text(), momentum);
  return std::make_unique<SubtractRealMean>(in, divide, momentum);
}

}  // namespace

std::vector<LayerEntry> norm_layers() {
  using Over = ExampleNorm::Over;
  return {
      {"batch_norm",
       "batch_norm(affine=true, momentum=0.1, eps=1e-5, statistics=running|batch|reference, over=channels|features, "
       "scale=affine, shift=affine, scale_init=network's, reference=64)",
       "mean 0 and variance 1 per channel, or per number of an example, over the batch; or over so many reference "
       "examples and its own (virtual batch norm, Salimans et al. 2016, arXiv:1606.03498)",
       "Ioffe & Szegedy 2015, arXiv:1502.03167", make_batch_norm},
      {"instance_norm", "instance_norm(affine=true, eps=1e-5, scale=affine, shift=affine, scale_init=network's)",
       "the same per example and channel, over space", "Ulyanov et al. 2016, arXiv:1607.08022",
       make_example_norm<Over::space, true>},
      {"layer_norm", "layer_norm(affine=true, eps=1e-5, scale=affine, shift=affine, scale_init=network's)",
       "the same per example, over everything", "Ba et al. 2016, arXiv:1607.06450", make_example_norm<Over::all, true>},
      {"pixel_norm", "pixel_norm(eps=1e-5)", "unit length over the channels at every pixel",
       "Karras et al. 2017, arXiv:1710.10196", make_example_norm<Over::channels, false>},
      {"subtract_real_mean", "subtract_real_mean(divide=false, momentum=0.1)",
       "less the running mean of real examples, in a discriminator; divide: by their deviation", "goodfeli/adversarial",
       make_subtract_real_mean},
  };
}

}  // namespace duet
