// Adversarial autoencoder: a discriminator of codes moves the encoder's codes to their prior. Makhzani et al. 2015,
// arXiv:1511.05644.
#include <numbers>

#include "duet/core/error.h"
#include "duet/games/critic.h"
#include "duet/games/gaussian.h"
#include "duet/games/measures.h"

namespace duet {
namespace {

struct AaeConfig final : Config {
  CriticConfig critic;
  std::string reconstruction = "squares";
  bool stochastic = false, joint = false;
  double reconstruction_weight = 1, adversarial_weight = 1;
  int64_t turned_by_label = 0;
  void fields(Fields& f) override {
    critic.fields(f);
    f.choice("reconstruction", reconstruction, {"squares", "cross_entropy"},
             "of an example from its code, its mean over the numbers: squared distance, or cross-entropy of pixels in "
             "0..1, whose logits the decoder then gives");
    f.real("reconstruction_weight", reconstruction_weight, "weight of the reconstruction", {0, 1e6});
    f.real("adversarial_weight", adversarial_weight, "weight of fooling the discriminator", {0, 1e6});
    f.flag("stochastic", stochastic, "the encoder gives means and log variances of codes, which are drawn");
    f.flag("joint", joint, "the autoencoder minimises both in one turn, instead of the encoder in a third");
    f.integer("turned_by_label", turned_by_label,
              "turns the first two numbers of z by a share of the full circle, the label's of so many classes; 0: not",
              {0, 1e6});
  }
};

class Aae final : public Game, public Measuring {
 public:
  explicit Aae(const AaeConfig& config) : config_(config), critic_(config.critic) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    if (config_.turned_by_label > 0 && latent.size < 2)
      fail(Fault::recipe, "[game]: turned_by_label turns the first two numbers of z, and latent.size is 1; take more");
    const Shape code{latent.size, 1, 1};
    const Shape encoded{config_.stochastic ? 2 * latent.size : latent.size, 1, 1};
    NetworkSpec decoder{.name = "decoder", .input = code, .output = data.shape, .makes = "x"};
    if (!by_cross_entropy()) decoder.range = data.range;
    GameSpec spec{.players = {{"autoencoder", {"encoder", "decoder"}}, {"discriminator", {"discriminator"}}},
                  .networks = {{.name = "encoder", .input = data.shape, .output = encoded, .shared = !config_.joint},
                               decoder,
                               {.name = "discriminator", .input = code, .output = {1, 1, 1}}},
                  .latents = {{"z", latent}},
                  .samples = {"decoder"}};
    if (!config_.joint) spec.players.push_back({"encoder", {"encoder"}});
    if (config_.stochastic) spec.latents.push_back({"noise", {.size = latent.size}});
    if (config_.turned_by_label > 0)
      spec.latents.push_back({"component", {.kind = "categorical", .size = config_.turned_by_label}});
    return spec;
  }

  void check(const DataKind& data) const override {
    critic_.check({.shape = {1, 1, 1}});  // what it judges are codes
    if (by_cross_entropy() && (!data.range || *data.range != Range{0, 1}))
      fail(Fault::recipe,
           "[game]: reconstruction = \"cross_entropy\" is for pictures with numbers of 0 to 1; expected data.range = "
           "\"0..1\"; for others take reconstruction = \"squares\"");
    if (config_.turned_by_label > 0 && data.classes != config_.turned_by_label)
      fail(Fault::recipe, "[game]: turned_by_label = {}, and the data have {} classes; expected as many",
           config_.turned_by_label, data.classes);
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto code = turn.once("code", [&] { return code_of(turn.nets, turn.given); });
    Loss loss;
    if (player == "discriminator") return critic_.discriminator(turn, prior(turn.given), code);
    if (player == "encoder" || config_.joint) {
      loss = critic_.generator(turn, prior(turn.given), code);
      loss.terms.front().weight = config_.adversarial_weight;
    }
    if (player == "encoder") return loss;
    const auto made = turn("decoder", code);
    const auto value = by_cross_entropy()
                           ? torch::binary_cross_entropy_with_logits(made.flatten(1), turn.x().flatten(1))
                           : (made - turn.x()).square().mean();
    loss.add("reconstruction", value, config_.reconstruction_weight);
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return shown(nets.at("decoder")(prior(given), given));
  }

  Measures measures() const override {
    return {.list = {reconstruction_measure(), code_measure()}, .networks = {"encoder", "decoder"}};
  }

  Tensor measure(const std::string& name, const Nets& nets, const Named& given, const Noise&) const override {
    if (name == "reconstruction") return shown(nets.at("decoder")(code_of(nets, given), given));
    // Turned back, where the prior is one component.
    const auto code = code_of(nets, given);
    return config_.turned_by_label > 0 ? turned(code, given.at("label"), -1) : code;
  }

  std::string stability_advice(const std::string& player) const override {
    return player == "discriminator" ? critic_.stability_advice() : "";
  }

  std::map<std::string, NetworkNeeds> needs() const override { return {{"discriminator", critic_.needs()}}; }

 private:
  bool by_cross_entropy() const { return config_.reconstruction == "cross_entropy"; }

  Tensor shown(const Tensor& made) const { return by_cross_entropy() ? made.sigmoid() : made; }

  Tensor code_of(const Nets& nets, const Named& given) const {
    const auto output = nets.at("encoder")(given.at("x"), given);
    if (config_.stochastic) return Gaussian::of(output).at(given.at("noise"));
    return output.view_as(given.at("z"));  // a single number comes as [N]
  }

  /// Codes of the prior for the batch's labels, or for as many of any class where there are none.
  Tensor prior(const Named& given) const {
    const auto& z = given.at("z");
    if (config_.turned_by_label == 0) return z;
    const auto label = given.find("label");
    return turned(z, label == given.end() ? given.at("component").argmax(1) : label->second, 1);
  }

  /// The first two numbers turned by each example's share of the circle.
  Tensor turned(const Tensor& z, const Tensor& label, double sign) const {
    const auto angle =
        (label.to(z.scalar_type()) * (sign * 2 * std::numbers::pi / static_cast<double>(config_.turned_by_label)))
            .unsqueeze(1);
    const auto x = z.narrow(1, 0, 1), y = z.narrow(1, 1, 1);
    return torch::cat(
        {x * angle.cos() - y * angle.sin(), x * angle.sin() + y * angle.cos(), z.narrow(1, 2, z.size(1) - 2)}, 1);
  }

  AaeConfig config_;
  Critic critic_;
};

}  // namespace

GameEntry aae_game() {
  return {"aae", "an autoencoder whose codes a discriminator holds to their prior",
          "Makhzani et al. 2015, arXiv:1511.05644", [] { return std::make_shared<AaeConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Aae>(dynamic_cast<const AaeConfig&>(config));
          }};
}

}  // namespace duet
