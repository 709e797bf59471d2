// Mode-regularised GAN: an encoder maps examples back to z, so that the generator is also asked for examples near the
// real ones, of whatever mode. Che et al. 2016, arXiv:1612.02136: the regularisers of its section 3.1, or the two steps
// of its section 3.2, in which one discriminator compares real examples with reconstructions (manifold) and another
// reconstructions with samples (diffusion).
#include "duet/games/critic.h"

namespace duet {
namespace {

struct ModeRegularisedConfig final : CriticGameConfig {
  std::string steps = "one";
  double distance = 0.01, judged = 0.01;
  bool literal = false;
  void fields(Fields& f) override {
    CriticGameConfig::fields(f);
    f.choice("steps", steps, {"one", "manifold_diffusion"},
             "one: regularisers; manifold_diffusion: a second discriminator, of reconstructions against samples");
    f.real("distance", distance, "weight of the squared distance of reconstructions, summed over an example's numbers",
           {0, 1e6});
    f.real("judged", judged, "weight of -log D of reconstructions, which G and E want to be judged real", {0, 1e6});
    f.flag("literal", literal,
           "G and E want reconstructions to be judged fake: the sign in wiseodd/generative-models, to compare");
  }
};

class ModeRegularised final : public CriticGame {
 public:
  explicit ModeRegularised(const ModeRegularisedConfig& config)
      : CriticGame(config.critic), config_(config), diffusion_(config.critic, "diffusion") {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1}, logit{1, 1, 1};
    GameSpec spec{
        .players = {{"discriminator", {"discriminator"}},
                    {"generator", {"generator", "encoder"}, /*keeps_batch=*/true}},
        .networks = {{.name = "discriminator", .input = data.shape, .output = logit},
                     {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes = "x"},
                     {.name = "encoder", .input = data.shape, .output = z}},
        .latents = {{"z", latent}},
        .samples = {"generator"}};
    if (two_steps()) {
      spec.networks.push_back({.name = "diffusion", .input = data.shape, .output = logit});
      spec.players.insert(spec.players.begin() + 1, PlayerSpec{"diffusion", {"diffusion"}});
    }
    return spec;
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto made = fake(turn);
    if (player == "discriminator" && !two_steps()) return critic_.discriminator(turn, turn.x(), made);
    const auto again = turn.once("again", [&] {
      const auto code = turn("encoder", turn.x()).view_as(turn.given.at("z"));  // a single number comes as [N]
      return turn("generator", code);
    });
    if (player == "discriminator") return critic_.discriminator(turn, turn.x(), again);
    if (player == "diffusion") return diffusion_.discriminator(turn, again, made);
    auto loss =
        two_steps() ? diffusion_.generator(turn, again.detach(), made) : critic_.generator(turn, turn.x(), made);
    loss.add("distance", (turn.x() - again).square().flatten(1).sum(1).mean(), config_.distance);
    const auto judged = critic_.generator(turn, turn.x(), again).terms.front().value;
    loss.add("judged", judged, config_.literal ? -config_.judged : config_.judged);
    return loss;
  }

  void moved(const std::string& player, const Turn& turn, const Loss& loss) override {
    CriticGame::moved(player, turn, loss);
    if (player == "diffusion") diffusion_.moved(loss);
  }
  std::vector<std::pair<std::string, Tensor>> state() override {
    auto all = CriticGame::state();
    if (two_steps())
      for (auto& one : diffusion_.state()) all.push_back(one);
    return all;
  }
  std::string stability_advice(const std::string& player) const override {
    return player == "diffusion" ? diffusion_.stability_advice() : CriticGame::stability_advice(player);
  }
  std::map<std::string, NetworkNeeds> needs() const override {
    auto all = CriticGame::needs();
    if (two_steps()) all["diffusion"] = diffusion_.needs();
    return all;
  }

 private:
  bool two_steps() const { return config_.steps != "one"; }

  ModeRegularisedConfig config_;
  Critic diffusion_;
};

}  // namespace

GameEntry mode_regularised_game() {
  return {"mode_regularised", "adversarial, with an encoder whose reconstructions hold the generator to every mode",
          "Che et al. 2016, arXiv:1612.02136", [] { return std::make_shared<ModeRegularisedConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<ModeRegularised>(dynamic_cast<const ModeRegularisedConfig&>(config));
          }};
}

}  // namespace duet
