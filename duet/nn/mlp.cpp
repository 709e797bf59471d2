// Fully connected networks: Goodfellow et al. 2014, arXiv:1406.2661, and every small GAN since.
#include <fmt/format.h>

#include "duet/nn/network.h"

namespace duet {
namespace {

struct MlpConfig final : NetworkConfig {
  std::vector<int64_t> widths = {128};
  std::string activation = "leaky_relu(0.2)";
  std::string norm = "none";
  int64_t norm_from = 0;
  std::string output = "linear";
  double input_keep = 1, input_scale = 0, keep = 1, scale = 0;
  bool bias = true;

  void family_fields(Fields& f) override {
    f.integers("widths", widths, "units of the hidden layers", {1, 1e6});
    f.text("activation", activation, "after each: leaky_relu(0.2), relu, tanh, maxout(5) ...");
    f.text("norm", norm, "before it: none, batch_norm, layer_norm");
    f.integer("norm_from", norm_from, "first hidden layer with norm, from 0", {0, 1e6});
    f.text("output", output, "last activation: linear, tanh, sigmoid");
    f.real("input_keep", input_keep, "dropout on the input: probability to keep", {1e-6, 1});
    f.real("input_scale", input_scale, "what kept inputs are multiplied by; 0 = 1 / input_keep", {.low = 0});
    f.real("keep", keep, "dropout after every hidden layer: probability to keep", {1e-6, 1});
    f.real("scale", scale, "what kept units are multiplied by; 0 = 1 / keep", {.low = 0});
    f.flag("bias", bias, "dense layers have one");
  }

  static std::string dropout(double keep, double scale) {
    return fmt::format("dropout({:g}, {:g})", keep, scale > 0 ? scale : 1 / keep);
  }

  /// A maxout layer of w units takes w times its pieces.
  int64_t units(int64_t width) const {
    Arguments how(activation);
    return how.name() == "maxout" ? width * how.integer("pieces", 2, 1) : width;
  }

  std::vector<std::string> layers(const NetworkContext& context) const override {
    std::vector<std::string> list;
    const auto* no_bias = bias ? "" : ", bias=false";
    if (!context.input.is_vector()) list.push_back("flatten");
    if (input_keep < 1) list.push_back(dropout(input_keep, input_scale));
    for (size_t i = 0; i < widths.size(); ++i) {
      list.push_back(fmt::format("dense({}{})", units(widths[i]), no_bias));
      if (norm != "none" && static_cast<int64_t>(i) >= norm_from) list.push_back(norm);
      list.push_back(activation);
      if (keep < 1) list.push_back(dropout(keep, scale));
    }
    list.push_back(fmt::format("dense({}{})", context.output.numel(), no_bias));
    const auto& out = context.output;
    if (!out.is_vector()) list.push_back(fmt::format("reshape({}, {}, {})", out.channels, out.height, out.width));
    list.push_back(output);
    return list;
  }
};

}  // namespace

NetworkEntry mlp_network() {
  return {"mlp", "fully connected layers", "Goodfellow et al. 2014, arXiv:1406.2661",
          [] { return std::make_shared<MlpConfig>(); }};
}

}  // namespace duet
