// The convolutional generator and discriminator of Radford et al. 2015, arXiv:1511.06434: strided convolutions instead
// of pooling, batch norm, no dense hidden layers. The same keys make the mirror image of either.
#include "duet/core/error.h"
#include "duet/nn/sides.h"

namespace duet {
namespace {

struct DcganConfig final : NetworkConfig {
  int64_t width = 64;
  int64_t kernel = 4;
  int64_t base = 0;
  std::string norm = "batch_norm";
  std::string activation;
  std::string output;
  bool bias = false;
  bool spectral = false;

  void family_fields(Fields& f) override {
    f.integer("width", width, "channels at the largest hidden size; doubled at every halving", {1, 4096});
    f.integer("kernel", kernel, "side of the strided convolutions: 4 or 5", {4, 5});
    f.integer("base", base, "smallest side; 0: halve the data's side while even and above 7", {0, 64});
    f.text("norm", norm, "batch_norm, instance_norm, none ...; not next to pictures or the logit");
    f.text("activation", activation, "empty: relu in a generator, leaky_relu(0.2) in a discriminator");
    f.text("output", output, "empty: tanh or sigmoid by the data's range, linear in a discriminator");
    f.flag("bias", bias, "convolutions have one; a discriminator with batch norm is blind to contrast without");
    f.flag("spectral", spectral, "spectral normalisation of the weights (Miyato et al. 2018)");
  }

  std::string flags() const {
    return fmt::format("{}{}", bias ? "" : ", bias=false", spectral ? ", spectral=true" : "");
  }

  std::vector<std::string> layers(const NetworkContext& context) const override {
    if (context.input.is_vector() && context.output.is_vector())
      fail(Fault::recipe,
           "[network.{}]: kind = \"dcgan\" needs pictures, here {} numbers become {}; use kind = \"mlp\", or a recipe "
           "for "
           "vectors, such as ring",
           context.name, to_string(context.input), to_string(context.output));
    if (!context.input.is_vector() && !context.output.is_vector())
      fail(Fault::recipe,
           "[network.{}]: kind = \"dcgan\" makes pictures of numbers, or numbers of pictures, here {} become {}; use "
           "kind = \"layers\", or \"unet\" for pictures of the same size",
           context.name, to_string(context.input), to_string(context.output));
    return context.output.is_vector() ? from_pictures(context) : to_pictures(context);
  }

  std::vector<std::string> to_pictures(const NetworkContext& context) const {
    const auto [side, count] = halvings(context.output, base, "dcgan", context);
    const auto act = activation.empty() ? std::string("relu") : activation;
    const int64_t padding = kernel == 4 ? 1 : 2;
    std::vector<std::string> list;
    const auto hidden = [&] {
      if (norm != "none") list.push_back(norm);
      list.push_back(act);
    };
    // From z as a 1x1 picture: a transposed convolution as large as its output.
    list.push_back(fmt::format("conv_transpose({}, kernel={}, stride=1{})", width << (count - 1), side, flags()));
    hidden();
    for (int64_t i = count - 1; i >= 0; --i) {
      const int64_t channels = i > 0 ? width << (i - 1) : context.output.channels;
      list.push_back(fmt::format("conv_transpose({}, kernel={}, stride=2, padding={}{}{})", channels, kernel, padding,
                                 kernel == 5 ? ", output_padding=1" : "", flags()));
      if (i > 0) hidden();
    }
    list.push_back(output.empty() ? filling(context) : output);
    return list;
  }

  std::vector<std::string> from_pictures(const NetworkContext& context) const {
    const auto [side, count] = halvings(context.input, base, "dcgan", context);
    const auto act = activation.empty() ? std::string("leaky_relu(0.2)") : activation;
    const int64_t padding = kernel == 4 ? 1 : 2;
    std::vector<std::string> list;
    for (int64_t i = 0; i < count; ++i) {
      list.push_back(fmt::format("conv({}, kernel={}, stride=2, padding={}{})", width << i, kernel, padding, flags()));
      if (i > 0 && norm != "none") list.push_back(norm);
      list.push_back(act);
    }
    list.push_back(fmt::format("conv({}, kernel={}{})", context.output.numel(), side, flags()));
    if (!output.empty()) list.push_back(output);
    return list;
  }
};

}  // namespace

NetworkEntry dcgan_network() {
  return {"dcgan", "strided convolutions with batch norm, at 28, 32, 64 or any such size",
          "Radford et al. 2015, arXiv:1511.06434", [] { return std::make_shared<DcganConfig>(); }};
}

}  // namespace duet
