// Bidirectional GAN: an encoder beside the generator, and a discriminator of pairs of an example and its code. Donahue
// et al. 2016, arXiv:1605.09782; the same game as adversarially learned inference, Dumoulin et al. 2016,
// arXiv:1606.00704.
#include "duet/core/error.h"
#include "duet/games/critic.h"

namespace duet {
namespace {

class Bigan final : public CriticGame {
 public:
  explicit Bigan(const CriticGameConfig& config) : CriticGame(config.critic) {
    if (config.critic.generator_label != 1 || config.critic.lazy_generator < 0.5 || config.critic.target_scale > 0)
      fail(Fault::recipe,
           "[game]: generator_label, lazy_generator and target_scale have no effect on game \"bigan\", whose generator "
           "and encoder minimise D's loss with the sides exchanged; leave them out");
  }

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape code{latent.size, 1, 1};
    return {.players = {{"discriminator", {"discriminator"}},
                        {"generator", {"generator", "encoder"}, /*keeps_batch=*/true}},
            .networks = {{.name = "discriminator", .input = data.shape, .output = {1, 1, 1}, .with = {{"code", code}}},
                         {.name = "generator", .input = code, .output = data.shape, .range = data.range, .makes = "x"},
                         {.name = "encoder", .input = data.shape, .output = code}},
            .latents = {{"z", latent}},
            .samples = {"generator"}};
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const Side made(fake(turn), {{"code", turn.given.at("z")}});
    const auto code = turn.once("code", [&] {
      return turn("encoder", turn.x()).view_as(turn.given.at("z"));  // a single number comes as [N]
    });
    const Side real(turn.x(), {{"code", code}});
    if (player != "discriminator") return critic_.exchanged(turn, real, made);
    auto loss = critic_.discriminator(turn, real, made);
    // How well the two invert each other, which nobody minimises (theorem 2 of the paper has it follow). In this turn
    // the generator waits, so its statistics are of latents alone.
    loss.watch("reconstruction", (turn("generator", code) - turn.x()).square().mean());
    return loss;
  }
};

}  // namespace

GameEntry bigan_game() {
  return {"bigan", "a generator and an encoder against a discriminator of examples with their codes",
          "Donahue et al. 2016, arXiv:1605.09782", [] { return std::make_shared<CriticGameConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Bigan>(dynamic_cast<const CriticGameConfig&>(config));
          }};
}

}  // namespace duet
