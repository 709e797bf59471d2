// The residual generator and discriminator of SN-GAN (Miyato et al. 2018, arXiv:1802.05957, tables 4 to 6), which are
// WGAN-GP's (Gulrajani et al. 2017, arXiv:1704.00028) with another pooling at the end.
#include "duet/core/error.h"
#include "duet/nn/sides.h"

namespace duet {
namespace {

using Texts = std::vector<std::string>;

struct ResnetConfig final : NetworkConfig {
  int64_t width = 64;
  int64_t widest = 1024;
  int64_t base = 0;
  int64_t flat = 1;
  std::string norm;
  std::string activation = "relu";
  bool spectral = false;
  std::string pool = "sum";
  std::string output;

  void family_fields(Fields& f) override {
    f.integer("width", width, "channels at the largest size; doubled at every halving", {1, 4096});
    f.integer("widest", widest, "channels at most; as width: the same in every block", {1, 8192});
    f.integer("base", base, "smallest side; 0: halve the data's side while even and above 7", {0, 64});
    f.integer("flat", flat, "blocks of a discriminator at the smallest side", {0, 64});
    f.text("norm", norm, "empty: batch_norm in a generator, none in a discriminator");
    f.text("activation", activation, "before every convolution but the first: relu, leaky_relu(0.1) ...");
    f.flag("spectral", spectral, "spectral normalisation of the weights");
    f.choice("pool", pool, {"sum", "mean"}, "over space, before a discriminator's logit");
    f.text("output", output, "empty: tanh or sigmoid by the data's range, linear in a discriminator");
  }

  Texts layers(const NetworkContext& context) const override {
    if (context.input.is_vector() == context.output.is_vector())
      fail(Fault::recipe,
           "[network.{}]: kind = \"resnet\" makes pictures of numbers, or numbers of pictures, here {} become {}; use "
           "kind = \"{}\"",
           context.name, to_string(context.input), to_string(context.output),
           context.input.is_vector() ? "mlp" : "unet");
    return context.input.is_vector() ? to_pictures(context) : from_pictures(context);
  }

  /// After so many halvings.
  int64_t channels(int64_t halvings) const { return doubled(width, widest, halvings); }

  std::string flags() const { return spectral ? ", spectral=true" : ""; }
  std::string conv3(int64_t channels) const {
    return fmt::format("conv({}, kernel=3, padding=1{})", channels, flags());
  }
  std::string conv1(int64_t channels) const { return fmt::format("conv({}, kernel=1{})", channels, flags()); }

  /// The activation and, before it, the norm.
  void activate(Texts& list, const std::string& of_kind) const {
    const auto& kind = norm.empty() ? of_kind : norm;
    if (kind != "none") list.push_back(kind);
    list.push_back(activation);
  }

  /// The way past a block that has begun with mark(blockN); what it goes through, and the sum at the end. A convolution
  /// of one pixel goes before the enlarging and after the pooling: the same function, on a quarter of the pixels.
  static void go_past(Texts& list, int64_t block, const Texts& way) {
    list.push_back(fmt::format("mark(main{})", block));
    list.push_back(fmt::format("take(block{})", block));
    list.insert(list.end(), way.begin(), way.end());
    list.push_back(fmt::format("add(main{})", block));
  }

  Texts to_pictures(const NetworkContext& context) const {
    const auto [side, count] = halvings(context.output, base, "resnet", context);
    Texts list{fmt::format("dense({}{})", channels(count) * side * side, flags()),
               fmt::format("reshape({}, {})", channels(count), side)};
    for (int64_t i = count - 1; i >= 0; --i) {
      const auto block = count - i, wide = channels(i);
      list.push_back(fmt::format("mark(block{})", block));
      activate(list, "batch_norm");
      list.emplace_back("upsample");
      list.push_back(conv3(wide));
      activate(list, "batch_norm");
      list.push_back(conv3(wide));
      go_past(list, block, {conv1(wide), "upsample"});
    }
    activate(list, "batch_norm");
    list.push_back(conv3(context.output.channels));
    list.push_back(output.empty() ? filling(context) : output);
    return list;
  }

  Texts from_pictures(const NetworkContext& context) const {
    const auto [side, count] = halvings(context.input, base, "resnet", context);
    Texts list;
    for (int64_t i = 0; i < count + flat; ++i) {
      const auto block = i + 1, wide = channels(i);
      list.push_back(fmt::format("mark(block{})", block));
      if (i > 0) activate(list, "none");  // pictures come as they are
      list.push_back(conv3(wide));
      activate(list, "none");
      list.push_back(conv3(wide));
      if (i < count) {
        list.emplace_back("average_pool");
        go_past(list, block, {"average_pool", conv1(wide)});
      } else if (wide != channels(i - 1)) {
        go_past(list, block, {conv1(wide)});
      } else {
        list.push_back(fmt::format("add(block{})", block));
      }
    }
    activate(list, "none");
    list.emplace_back(pool == "sum" ? "global_sum" : "global_average");
    list.push_back(fmt::format("dense({}{})", context.output.numel(), flags()));
    if (!output.empty()) list.push_back(output);
    return list;
  }
};

}  // namespace

NetworkEntry resnet_network() {
  return {"resnet", "residual blocks that enlarge or halve, at 28, 32, 64 or any such size",
          "Miyato et al. 2018, arXiv:1802.05957", [] { return std::make_shared<ResnetConfig>(); }};
}

}  // namespace duet
