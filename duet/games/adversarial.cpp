// The two-player game of Goodfellow et al. 2014 (arXiv:1406.2661) with any objective, gradient penalties, and the usual
// tricks on D's labels and inputs.
#include "duet/games/critic.h"

namespace duet {
namespace {

class Adversarial final : public CriticGame {
 public:
  explicit Adversarial(const CriticGameConfig& config) : CriticGame(config.critic) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1}, logit{1, 1, 1};
    return {.players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator", .input = data.shape, .output = logit},
                         {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes = "x"}},
            .latents = {{"z", latent}},
            .samples = {"generator"}};
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    return player == "discriminator" ? critic_.discriminator(turn, turn.x(), fake(turn))
                                     : critic_.generator(turn, turn.x(), fake(turn));
  }
};

}  // namespace

GameEntry adversarial_game() {
  return {"adversarial", "a generator against a discriminator, with any objective and penalty",
          "Goodfellow et al. 2014, arXiv:1406.2661", [] { return std::make_shared<CriticGameConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Adversarial>(dynamic_cast<const CriticGameConfig&>(config));
          }};
}

}  // namespace duet
