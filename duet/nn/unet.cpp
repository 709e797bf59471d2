// The generator of pix2pix (Isola et al. 2017, arXiv:1611.07004, section 6.1.1): pictures halve down to the middle and
// are enlarged again, and each size on the way up is given what there was of it on the way down. Marked after the
// encoder's leaky ReLU, where the paper concatenates what was before it: the decoder's ReLU makes the same of both.
#include "duet/core/error.h"
#include "duet/nn/sides.h"

namespace duet {
namespace {

struct UnetConfig final : NetworkConfig {
  int64_t width = 64;
  int64_t widest = 512;
  int64_t depth = 0;
  std::string norm = "batch_norm";
  double keep = 0.5;
  std::string output;

  void family_fields(Fields& f) override {
    f.integer("width", width, "channels after the first halving; doubled at every further one", {1, 4096});
    f.integer("widest", widest, "channels at most", {1, 8192});
    f.integer("depth", depth, "how often pictures are halved; 0: as often as they can be", {0, 16});
    f.text("norm", norm, "batch_norm, instance_norm, none ...; not next to pictures or in the middle");
    f.real("keep", keep, "dropout of the three smallest decoders, in samples too: probability to keep", {1e-6, 1});
    f.text("output", output, "empty: tanh or sigmoid by the data's range");
  }

  /// How often both sides halve.
  static int64_t most_halvings(const Shape& picture) {
    int64_t count = 0;
    for (auto height = picture.height, width = picture.width; height % 2 == 0 && width % 2 == 0;
         height /= 2, width /= 2)
      ++count;
    return count;
  }

  int64_t depth_for(const NetworkContext& context) const {
    const auto &in = context.input, &out = context.output;
    if (in.is_vector() || in.height != out.height || in.width != out.width)
      fail(Fault::recipe,
           "[network.{}]: kind = \"unet\" makes pictures of pictures of the same size, here {} become {}; use kind = "
           "\"{}\"",
           context.name, to_string(in), to_string(out), in.is_vector() && out.is_vector() ? "mlp" : "dcgan");
    const auto most = most_halvings(in);
    if (most == 0 || depth > most)
      fail(Fault::recipe, "[network.{}]: kind = \"unet\" halves pictures {}, those of {} can be halved {} times; {}",
           context.name, depth > 0 ? fmt::format("{} times", depth) : "at least once", to_string(in), most,
           most > 0 ? fmt::format("set depth = {} or less", most) : "set data.resolution to an even number");
    return depth > 0 ? depth : most;
  }

  /// After so many halvings; those after the first have `width`.
  int64_t channels(int64_t halvings) const { return doubled(width, widest, halvings - 1); }

  std::vector<std::string> layers(const NetworkContext& context) const override {
    const auto down = depth_for(context);
    const auto* bias = norm == "none" ? "" : ", bias=false";
    std::vector<std::string> list;
    for (int64_t i = 1; i <= down; ++i) {
      list.push_back(fmt::format("conv({}, kernel=4, stride=2, padding=1{})", channels(i), bias));
      if (i > 1 && i < down && norm != "none") list.push_back(norm);
      if (i == down) break;
      list.emplace_back("leaky_relu(0.2)");
      list.push_back(fmt::format("mark(down{})", i));
    }
    for (int64_t i = down - 1; i >= 1; --i) {
      list.emplace_back("relu");
      list.push_back(fmt::format("conv_transpose({}, kernel=4, stride=2, padding=1{})", channels(i), bias));
      if (norm != "none") list.push_back(norm);
      if (keep < 1 && down - i <= 3) list.push_back(fmt::format("dropout({:g}, mode=always)", keep));
      list.push_back(fmt::format("concat(down{})", i));
    }
    list.emplace_back("relu");
    list.push_back(fmt::format("conv_transpose({}, kernel=4, stride=2, padding=1)", context.output.channels));
    list.push_back(output.empty() ? filling(context) : output);
    return list;
  }
};

}  // namespace

NetworkEntry unet_network() {
  return {"unet", "pictures of pictures of the same size, halved and enlarged with ways across",
          "Isola et al. 2017, arXiv:1611.07004", [] { return std::make_shared<UnetConfig>(); }};
}

}  // namespace duet
