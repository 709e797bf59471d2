// Completing pictures with hidden parts: the generator sees the known pixels, and noise in the hidden ones; its output
// there is judged as part of the whole picture. After the adversarial inpainting of Goodfellow et al.'s code
// (InpaintingAdversaryCost), with a distance term as in Pathak et al. 2016, arXiv:1604.07379.
#include "duet/core/error.h"
#include "duet/games/critic.h"

namespace duet {
namespace {

struct InpaintingConfig final : CriticGameConfig {
  double l1 = 0;
  void fields(Fields& f) override {
    CriticGameConfig::fields(f);
    f.real("l1", l1, "weight of the mean absolute distance from the hidden pixels, in addition to the adversarial loss",
           {0, 1e6});
  }
};

class Inpainting final : public CriticGame {
 public:
  explicit Inpainting(const InpaintingConfig& config) : CriticGame(config.critic), l1_(config.l1) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    // The picture with noise in its hidden pixels, and the mask.
    const Shape seen{data.shape.channels + 1, data.shape.height, data.shape.width};
    auto noise = latent;
    noise.size = data.shape.numel();
    return {.players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator", .input = data.shape, .output = {1, 1, 1}},
                         {.name = "generator", .input = seen, .output = data.shape, .range = data.range, .makes = "x"}},
            .latents = {{"noise", noise}},
            .streams = {{.name = "mask", .line = "masks, 1 where a pixel is known and 0 where it is hidden"}},
            .samples = {"generator"},
            .samples_from = {"x", "mask"}};
  }

  void check(const DataKind& data) const override {
    CriticGame::check(data);
    const auto mask = data.stream("mask");
    const Shape expected{1, data.shape.height, data.shape.width};
    if (data.shape.is_vector() || mask.shape != expected)
      fail(
          Fault::recipe,
          "[stream.mask]: its examples are {}, and those of [data] {}; expected pictures, and for each of their pixels "
          "one number: spec = \"masks\" with the resolution of [data]",
          to_string(mask.shape), to_string(data.shape));
    if (!mask.range || *mask.range != Range{0, 1})
      fail(Fault::recipe, "[stream.mask]: range = \"-1..1\"; expected \"0..1\", as a mask is 1 where a pixel is known");
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto completed = fake(turn);
    if (player == "discriminator") return critic_.discriminator(turn, turn.x(), completed);
    auto loss = critic_.generator(turn, turn.x(), completed);
    // Known pixels are the same in both.
    if (l1_ > 0) {
      const auto hidden = (1 - turn.given.at("mask")).expand_as(completed).sum();
      loss.add("l1", (completed - turn.x()).abs().sum() / hidden.clamp_min(1), l1_);
    }
    return loss;
  }

  /// The examples with hidden pixels filled in; known ones are unchanged to the bit.
  Tensor sample(const Nets& nets, const Named& given) const override {
    const auto &x = given.at("x"), &mask = given.at("mask");
    const auto known = mask.expand_as(x) > 0.5;
    const auto seen = torch::where(known, x, given.at("noise").view_as(x));
    return torch::where(known, x, nets.at("generator")(torch::cat({seen, mask}, 1), given));
  }

 private:
  double l1_;
};

}  // namespace

GameEntry inpainting_game() {
  return {"inpainting", "a generator that fills in masked pictures, against a discriminator of whole ones",
          "Pathak et al. 2016, arXiv:1604.07379", [] { return std::make_shared<InpaintingConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Inpainting>(dynamic_cast<const InpaintingConfig&>(config));
          }};
}

}  // namespace duet
