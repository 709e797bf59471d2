#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "duet/ops/batch_norm.h"

namespace duet {
namespace {

/// [C] reshaped so that it meets dimension 1 of x.
Tensor per_channel(const Tensor& v, const Tensor& x) { return x.dim() == 4 ? v.view({1, -1, 1, 1}) : v.view({1, -1}); }

/// Learned scale and shift per channel, or neither.
class Norm : public Layer {
 public:
  void reset(const Init& init, Generator& generator) override {
    if (!scale_.defined()) return;
    init_scale(scale_, init, generator);
    torch::NoGradGuard no_grad;
    shift_.zero_();
  }

 protected:
  Norm(const Shape& shape, bool affine) : Layer(shape) {
    if (!affine) return;
    parameter(scale_, "scale", {shape.channels});
    parameter(shift_, "shift", {shape.channels});
  }
  Tensor scaled(const Tensor& x) const {
    return scale_.defined() ? x * per_channel(scale_, x) + per_channel(shift_, x) : x;
  }
  Tensor scale_, shift_;
};

class BatchNorm final : public Norm {
 public:
  BatchNorm(const Shape& shape, bool affine, double momentum, double eps, bool always_batch)
      : Norm(shape, affine), momentum_(momentum), eps_(eps), always_batch_(always_batch) {
    mean_ = buffer("mean", torch::zeros({shape.channels}));
    variance_ = buffer("variance", torch::ones({shape.channels}));
  }
  Tensor forward(const Tensor& x, Pass& pass) override {
    if (pass.training || always_batch_) {
      // A waiting player's statistics stay as they are.
      RunningStatistics running;
      if (pass.training && pass.update_statistics)
        running = {mean_, variance_, pass.statistics_share > 0 ? pass.statistics_share : momentum_};
      return batch_norm(x, scale_, shift_, running, eps_, slope_, pass.groups);
    }
    const auto y = torch::batch_norm(x, scale_, shift_, mean_, variance_, /*training=*/false, momentum_, eps_,
                                     /*cudnn_enabled=*/true);
    return slope_ == 1 ? y : torch::leaky_relu(y, slope_);
  }
  bool take_over_leaky(double slope) override {
    slope_ = slope;
    return true;
  }
  bool mixes_examples() const override { return always_batch_; }
  bool normalises_batch() const override { return true; }

 private:
  double momentum_, eps_;
  bool always_batch_;
  double slope_ = 1;
  Tensor mean_, variance_;
};

/// Normalises every example on its own: over space (instance), everything (layer), or channels at each place (pixel).
class ExampleNorm final : public Norm {
 public:
  enum class Over { space, all, channels };
  ExampleNorm(const Shape& shape, Over over, bool affine, double eps) : Norm(shape, affine), over_(over), eps_(eps) {}
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
  const bool affine = a.flag("affine", true);
  const double momentum = a.real("momentum", 0.1), eps = a.real("eps", 1e-5);
  const bool always = a.word("statistics", "running", {"running", "batch"}) == "batch";
  return std::make_unique<BatchNorm>(in, affine, momentum, eps, always);
}

template <ExampleNorm::Over over, bool affine>
std::unique_ptr<Layer> make_example_norm(Arguments& a, const Shape& in) {
  if (over == ExampleNorm::Over::space && in.is_vector())
    fail(Fault::recipe, "'{}': a vector of {} has no space to normalise over; use layer_norm", a.text(), in.channels);
  const bool with = affine && a.flag("affine", true);
  return std::make_unique<ExampleNorm>(in, over, with, a.real("eps", 1e-5));
}

}  // namespace

std::vector<LayerEntry> norm_layers() {
  using Over = ExampleNorm::Over;
  return {
      {"batch_norm", "batch_norm(affine=true, momentum=0.1, eps=1e-5, statistics=running|batch)",
       "mean 0 and variance 1 per channel over the batch", "Ioffe & Szegedy 2015, arXiv:1502.03167", make_batch_norm},
      {"instance_norm", "instance_norm(affine=true, eps=1e-5)", "the same per example and channel, over space",
       "Ulyanov et al. 2016, arXiv:1607.08022", make_example_norm<Over::space, true>},
      {"layer_norm", "layer_norm(affine=true, eps=1e-5)", "the same per example, over everything",
       "Ba et al. 2016, arXiv:1607.06450", make_example_norm<Over::all, true>},
      {"pixel_norm", "pixel_norm(eps=1e-5)", "unit length over the channels at every pixel",
       "Karras et al. 2017, arXiv:1710.10196", make_example_norm<Over::channels, false>},
  };
}

}  // namespace duet
