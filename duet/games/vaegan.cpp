// A variational autoencoder that compares what it makes in the features of a discriminator. Larsen et al. 2015,
// arXiv:1512.09300, algorithm 1.
#include "duet/core/error.h"
#include "duet/games/game.h"
#include "duet/games/gaussian.h"
#include "duet/games/measures.h"
#include "duet/games/objectives.h"

namespace duet {
namespace {

struct VaeGanConfig final : Config {
  std::string objective = "vanilla";
  int64_t features = 128;
  double gamma = 1e-3, divergence_weight = 1;
  void fields(Fields& f) override {
    std::vector<std::string> names;
    for (const auto& entry : objectives()) names.push_back(entry.name);
    f.choice("objective", objective, names, "see `duet list objectives`");
    f.integer("features", features,
              "numbers that the discriminator gives after its logit, in which examples are compared", {1, 1e6});
    f.real("gamma", gamma, "weight of the distance in features in the decoder's loss, which is also adversarial",
           {0, 1e6});
    f.real("divergence_weight", divergence_weight, "of the codes from their prior, in the encoder's loss", {0, 1e6});
  }
};

class VaeGan final : public Game, public Measuring {
 public:
  explicit VaeGan(const VaeGanConfig& config) : config_(config), objective_(objective(config.objective)) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    if (latent.kind != "normal")
      fail(Fault::recipe, "[latent]: kind = \"{}\"; expected \"normal\", the prior of this game's codes", latent.kind);
    const Shape code{latent.size, 1, 1};
    return {.players = {{"encoder", {"encoder"}}, {"decoder", {"decoder"}}, {"discriminator", {"discriminator"}}},
            .networks = {{.name = "encoder", .input = data.shape, .output = {2 * latent.size, 1, 1}},
                         {.name = "decoder", .input = code, .output = data.shape, .range = data.range, .makes = "x"},
                         {.name = "discriminator", .input = data.shape, .output = {1 + config_.features, 1, 1}}},
            .latents = {{"z", latent}, {"noise", {.size = latent.size}}},
            .samples = {"decoder"}};
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto moments = [&] { return turn.once("moments", [&] { return turn("encoder", turn.x()); }); };
    const auto again =
        turn.once("again", [&] { return turn("decoder", Gaussian::of(moments()).at(turn.given.at("noise"))); });
    Loss loss;
    if (player == "encoder") {
      loss.add("divergence", Gaussian::of(moments()).divergence_from_normal().mean(), config_.divergence_weight);
      const auto judged = turn("discriminator", std::vector<Tensor>{turn.x(), again});
      loss.add("features", distance(judged[0], judged[1]));
      return loss;
    }
    const auto fake = turn.once("fake", [&] { return sample(turn.nets, turn.given); });
    const auto judged = turn("discriminator", std::vector<Tensor>{turn.x(), again, fake});
    const auto real = logit(judged[0]), remade = logit(judged[1]), made = logit(judged[2]);
    if (player == "decoder") {
      loss.add("features", distance(judged[0], judged[1]), config_.gamma);
      loss.add("adversarial", (objective_.generator(real, remade, 1) + objective_.generator(real, made, 1)) / 2);
      return loss;
    }
    const Targets plain{torch::ones_like(real), torch::zeros_like(real)};
    loss.add("adversarial",
             (objective_.discriminator(real, remade, plain) + objective_.discriminator(real, made, plain)) / 2);
    loss.watch("logit_real", real.mean());
    loss.watch("logit_fake", made.mean());
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("decoder")(given.at("z"), given);
  }

  Measures measures() const override {
    return {.list = {reconstruction_measure(), code_measure()}, .networks = {"encoder", "decoder"}};
  }

  Tensor measure(const std::string& name, const Nets& nets, const Named& given, const Noise&) const override {
    const auto code = Gaussian::of(nets.at("encoder")(given.at("x"), given));
    return name == "reconstruction" ? nets.at("decoder")(code.mean, given) : code.at(given.at("noise"));
  }

  std::map<std::string, NetworkNeeds> needs() const override {
    NetworkNeeds needs;
    if (objective_.needs_lipschitz) needs.lipschitz = "game.objective = \"" + config_.objective + "\"";
    return {{"discriminator", needs}};
  }

 private:
  static Tensor logit(const Tensor& judged) { return judged.select(1, 0); }
  /// -log of a Gaussian of deviation 1 around the real example's features, less its constant.
  Tensor distance(const Tensor& real, const Tensor& made) const {
    const auto features = [&](const Tensor& judged) { return judged.narrow(1, 1, config_.features); };
    return (features(real) - features(made)).square().sum(1).mean() / 2;
  }

  VaeGanConfig config_;
  const Objective& objective_;
};

}  // namespace

GameEntry vaegan_game() {
  return {"vaegan", "a variational autoencoder that compares examples in the features of a discriminator",
          "Larsen et al. 2015, arXiv:1512.09300", [] { return std::make_shared<VaeGanConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<VaeGan>(dynamic_cast<const VaeGanConfig&>(config));
          }};
}

}  // namespace duet
