// Adversarial variational Bayes: the encoder draws codes in any way from noise, and a discriminator of pairs learns the
// log density ratio of its codes and the prior, which the bound of the likelihood needs. Mescheder et al. 2017,
// arXiv:1701.04722.
#include "duet/games/likelihood.h"
#include "duet/games/measures.h"
#include "duet/games/objectives.h"

namespace duet {
namespace {

struct AvbConfig final : Config {
  LikelihoodConfig likelihood;
  int64_t noise = 4;
  void fields(Fields& f) override {
    likelihood.fields(f);
    f.integer("noise", noise, "random numbers that the encoder draws a code from, beside the example", {1, 1e6});
  }
};

class Avb final : public Game, public Measuring {
 public:
  explicit Avb(const AvbConfig& config) : config_(config), objective_(objective("vanilla")) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape code{latent.size, 1, 1}, noise{config_.noise, 1, 1};
    return {.players = {{"discriminator", {"discriminator"}}, {"autoencoder", {"encoder", "decoder"}, true}},
            .networks = {{.name = "discriminator", .input = data.shape, .output = {1, 1, 1}, .with = {{"code", code}}},
                         {.name = "encoder", .input = data.shape, .output = code, .with = {{"noise", noise}}},
                         config_.likelihood.decoder("decoder", code, data)},
            .latents = {{"z", latent}, {"noise", {.size = config_.noise}}},
            .samples = {"decoder"}};
  }

  void check(const DataKind& data) const override { config_.likelihood.check(data); }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto code = turn.once("code", [&] { return code_of(turn.nets, turn.given); });
    Loss loss;
    if (player == "discriminator") {
      const auto ratios = turn.nets.at("discriminator")(
          std::vector<Tensor>{turn.x(), turn.x()},
          std::vector<Named>{with_code(turn.given, code), with_code(turn.given, turn.given.at("z"))});
      const Targets plain{torch::ones_like(ratios[0]), torch::zeros_like(ratios[1])};
      loss.add("adversarial", objective_.discriminator(ratios[0], ratios[1], plain));
      loss.watch("ratio_posterior", ratios[0].mean());
      loss.watch("ratio_prior", ratios[1].mean());
      return loss;
    }
    const auto& x = turn.x();
    loss.add("reconstruction", -config_.likelihood.log_of(x, turn("decoder", code)).mean());
    loss.add("divergence", turn.nets.at("discriminator")(x, with_code(turn.given, code)).mean());
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return config_.likelihood.mean(nets.at("decoder")(given.at("z"), given));
  }

  Measures measures() const override {
    return {.list = {{.name = "negative_elbo",
                      .note = "nats for an example, as far as the discriminator knows its density ratio",
                      .decides = true},
                     reconstruction_measure(),
                     code_measure()},
            .networks = {"discriminator", "encoder", "decoder"}};
  }

  Tensor measure(const std::string& name, const Nets& nets, const Named& given, const Noise&) const override {
    const auto code = code_of(nets, given);
    if (name == "code") return code;
    const auto made = nets.at("decoder")(code, given);
    if (name == "reconstruction") return config_.likelihood.mean(made);
    const auto& x = given.at("x");
    return nets.at("discriminator")(x, with_code(given, code)) - config_.likelihood.log_of(x, made);
  }

 private:
  static Tensor code_of(const Nets& nets, const Named& given) {
    return nets.at("encoder")(given.at("x"), given).view_as(given.at("z"));  // a single number comes as [N]
  }
  static Named with_code(Named given, const Tensor& code) {
    given["code"] = code;
    return given;
  }

  AvbConfig config_;
  const Objective objective_;
};

}  // namespace

GameEntry avb_game() {
  return {"avb", "a variational autoencoder with any distribution of codes, whose density a discriminator estimates",
          "Mescheder et al. 2017, arXiv:1701.04722", [] { return std::make_shared<AvbConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Avb>(dynamic_cast<const AvbConfig&>(config));
          }};
}

}  // namespace duet
