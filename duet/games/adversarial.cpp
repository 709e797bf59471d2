// The two-player game of Goodfellow et al. 2014 (arXiv:1406.2661) with any objective, gradient penalties, and the usual
// tricks on D's labels and inputs; if wanted with an inferer, a third network that learns z from G(z), as in the code
// of that paper (goodfeli/adversarial).
#include "duet/games/critic.h"

namespace duet {
namespace {

struct AdversarialConfig final : CriticGameConfig {
  bool inferer = false;
  void fields(Fields& f) override {
    CriticGameConfig::fields(f);
    f.flag("inferer", inferer, "a third player, inferer, learns z from the samples; nobody learns from it");
  }
};

class Adversarial final : public CriticGame {
 public:
  explicit Adversarial(const AdversarialConfig& config) : CriticGame(config.critic), inferer_(config.inferer) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1}, logit{1, 1, 1};
    GameSpec spec{
        .players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
        .networks = {{.name = "discriminator", .input = data.shape, .output = logit},
                     {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes = "x"}},
        .latents = {{"z", latent}},
        .samples = {"generator"}};
    if (inferer_) {
      spec.players.push_back({"inferer", {"inferer"}, /*keeps_batch=*/true});
      spec.networks.push_back({.name = "inferer", .input = data.shape, .output = z});
    }
    return spec;
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    if (player == "inferer") return infer(turn, fake(turn));
    return player == "discriminator" ? critic_.discriminator(turn, turn.x(), fake(turn))
                                     : critic_.generator(turn, turn.x(), fake(turn));
  }

 private:
  static Loss infer(const Turn& turn, const Tensor& fake) {
    const auto& z = turn.given.at("z");
    const auto found = turn("inferer", fake).view_as(z);  // a single number comes as [N]
    Loss loss;
    loss.add("distance", (found - z).square().mean());
    const auto a = found - found.mean(0), b = z - z.mean(0);
    loss.watch("correlation", (a * b).mean() / (a.square().mean() * b.square().mean()).sqrt().clamp_min(1e-12));
    return loss;
  }

  bool inferer_;
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
