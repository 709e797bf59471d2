#include <algorithm>
#include <array>

#include "duet/core/error.h"
#include "duet/nn/layer.h"

namespace duet {
namespace {

using Function = std::function<Tensor(const Tensor&)>;

/// Moves or pools numbers; nothing to learn. Vectors come as pictures of one pixel.
class Moving final : public Layer {
 public:
  struct Facts {
    bool keeps_order = false;  ///< of the numbers, and their values
    bool flattens = false;
    bool adds_zeros = false;  ///< to what it pools
    bool sums = false;
  };
  Moving(const Shape& output, Function function, Facts facts)
      : Layer(output), function_(std::move(function)), facts_(facts) {}
  Tensor forward(const Tensor& x, Pass&) override { return function_(as_pictures(x)); }
  bool flattens() const override { return facts_.flattens; }
  Range reach(const Range& input) const override {
    if (facts_.sums) return kEverything;
    if (!facts_.adds_zeros) return input;
    return {std::min(input.low, 0.0), std::max(input.high, 0.0)};
  }
  Tensor undone(const Tensor& y) const override { return facts_.keeps_order ? y : Tensor(); }

 private:
  Function function_;
  Facts facts_;
};

std::unique_ptr<Layer> make(const Shape& output, Function function, Moving::Facts facts = {}) {
  return std::make_unique<Moving>(output, std::move(function), facts);
}

std::unique_ptr<Layer> make_reshape(Arguments& a, const Shape& in) {
  Shape out;
  out.channels = a.integer("channels", {}, 1);
  out.height = a.integer("height", 1, 1);
  out.width = a.integer("width", out.height, 1);
  if (out.numel() != in.numel())
    fail(Fault::recipe, "'{}': {} numbers cannot become {} ({} numbers)", a.text(), in.numel(), to_string(out),
         out.numel());
  return make(out, [out](const Tensor& x) { return x.reshape({-1, out.channels, out.height, out.width}); },
              {.keeps_order = true});
}

std::unique_ptr<Layer> make_flatten(Arguments&, const Shape& in) {
  return make({in.numel(), 1, 1}, [](const Tensor& x) { return x.flatten(1); },
              {.keeps_order = true, .flattens = true});
}

std::unique_ptr<Layer> make_slice(Arguments& a, const Shape& in) {
  const auto from = a.integer("from");
  const auto count = a.integer("count", std::max<int64_t>(in.channels - from, 1), 1);
  if (from + count > in.channels)
    fail(Fault::recipe, "'{}': {} {} of an input of {}; expected from + count of at most {}", a.text(),
         in.is_vector() ? "numbers" : "channels",
         count == 1 ? std::to_string(from) : fmt::format("{} to {}", from, from + count - 1), to_string(in),
         in.channels);
  return make({count, in.height, in.width}, [from, count](const Tensor& x) { return x.narrow(1, from, count); });
}

std::unique_ptr<Layer> make_upsample(Arguments& a, const Shape& in) {
  const auto factor = a.integer("factor", 2, 1);
  return make({in.channels, in.height * factor, in.width * factor}, [factor](const Tensor& x) {
    return torch::upsample_nearest2d(x, {x.size(2) * factor, x.size(3) * factor});
  });
}

std::unique_ptr<Layer> make_pixel_shuffle(Arguments& a, const Shape& in) {
  const auto factor = a.integer("factor", 2, 1);
  if (in.channels % (factor * factor) != 0)
    fail(Fault::recipe, "'{}': {} channels do not divide by {}", a.text(), in.channels, factor * factor);
  return make({in.channels / (factor * factor), in.height * factor, in.width * factor},
              [factor](const Tensor& x) { return torch::pixel_shuffle(x, factor); });
}

template <bool maximum>
std::unique_ptr<Layer> make_pool(Arguments& a, const Shape& in) {
  Window w{};
  w.kernel = a.sides("kernel", 2, 1);
  w.stride = a.sides("stride", w.kernel, 1);
  w.padding = a.sides("padding", 0);
  if (2 * w.padding.height > w.kernel.height || 2 * w.padding.width > w.kernel.width || !w.fits(in.height, in.width))
    fail(Fault::recipe, "'{}': the window does not fit an input of {}", a.text(), to_string(in));
  return make({in.channels, w.rows(in.height), w.columns(in.width)},
              [w](const Tensor& x) {
                const std::array<int64_t, 2> kernel{w.kernel.height, w.kernel.width},
                    stride{w.stride.height, w.stride.width}, padding{w.padding.height, w.padding.width};
                return maximum ? torch::max_pool2d(x, kernel, stride, padding)
                               : torch::avg_pool2d(x, kernel, stride, padding);
              },
              {.adds_zeros = !maximum && w.padding != Sides(0)});
}

std::unique_ptr<Layer> make_global_average(Arguments&, const Shape& in) {
  return make({in.channels, 1, 1}, [](const Tensor& x) { return x.mean({2, 3}); });
}

std::unique_ptr<Layer> make_global_sum(Arguments&, const Shape& in) {
  return make({in.channels, 1, 1}, [](const Tensor& x) { return x.sum({2, 3}); }, {.sums = true});
}

}  // namespace

std::vector<LayerEntry> shape_layers() {
  return {
      {"reshape", "reshape(channels, height=1, width=height)", "the same numbers in another shape", "", make_reshape},
      {"flatten", "flatten", "a vector of all numbers", "", make_flatten},
      {"slice", "slice(from, count=rest)",
       "count numbers of a vector, or channels of a picture, from the one of this place", "", make_slice},
      {"upsample", "upsample(factor=2)", "every pixel repeated", "", make_upsample},
      {"pixel_shuffle", "pixel_shuffle(factor=2)", "channels become pixels", "Shi et al. 2016, arXiv:1609.05158",
       make_pixel_shuffle},
      {"max_pool", "max_pool(kernel=2, stride=kernel, padding=0)",
       "largest in each window; sides as height x width, 2x3, or one number", "", make_pool<true>},
      {"average_pool", "average_pool(kernel=2, stride=kernel, padding=0)", "mean of each window", "", make_pool<false>},
      {"global_average", "global_average", "mean over space", "Lin et al. 2013, arXiv:1312.4400", make_global_average},
      {"global_sum", "global_sum", "sum over space", "Miyato et al. 2018, arXiv:1802.05957", make_global_sum},
  };
}

}  // namespace duet
