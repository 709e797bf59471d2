// The two-player game of Goodfellow et al. 2014 (arXiv:1406.2661) with any objective, gradient penalties, and the usual
// tricks on D's labels and inputs.
#include "duet/games/critic.h"

namespace duet {
namespace {

struct AdversarialConfig final : Config {
  CriticConfig critic;
  void fields(Fields& f) override { critic.fields(f); }
};

class Adversarial final : public Game {
 public:
  explicit Adversarial(const AdversarialConfig& config) : critic_(config.critic) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1}, logit{1, 1, 1};
    return {.players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator", .input = data.shape, .output = logit},
                         {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes = "x"}},
            .latents = {{"z", latent}},
            .samples = {"generator"}};
  }

  void check(const DataKind& data) const override { critic_.check(data); }

  Loss loss(const std::string& player, const Turn& turn) const override {
    // The generator learns from the samples that the discriminator has just judged, if no player has moved since.
    const auto fake = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    return player == "discriminator" ? critic_.discriminator(turn, turn.x(), fake)
                                     : critic_.generator(turn, turn.x(), fake);
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }

  std::string stability_advice(const std::string& player) const override {
    return player == "discriminator" ? critic_.stability_advice() : "";
  }

  std::map<std::string, NetworkNeeds> needs() const override { return {{"discriminator", critic_.needs()}}; }

 private:
  Critic critic_;
};

}  // namespace

GameEntry adversarial_game() {
  return {"adversarial", "a generator against a discriminator, with any objective and penalty",
          "Goodfellow et al. 2014, arXiv:1406.2661", [] { return std::make_shared<AdversarialConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Adversarial>(dynamic_cast<const AdversarialConfig&>(config));
          }};
}

}  // namespace duet
