// Bidirectional GAN: an encoder beside the generator, and a discriminator of pairs of an example and its code. Donahue
// et al. 2016, arXiv:1605.09782; the same game as adversarially learned inference, Dumoulin et al. 2016,
// arXiv:1606.00704. With a chain, in which z is made into an example and encoded again before it is judged, it is
// GibbsNet, Lamb et al. 2017, arXiv:1712.04120.
#include "duet/core/error.h"
#include "duet/games/critic.h"
#include "duet/games/gaussian.h"
#include "duet/games/measures.h"

namespace duet {
namespace {

struct BiganConfig final : CriticGameConfig {
  bool stochastic = false;
  int64_t chain = 0;
  void fields(Fields& f) override {
    CriticGameConfig::fields(f);
    f.flag("stochastic", stochastic, "the encoder gives means and log variances of codes, which are drawn");
    f.integer("chain", chain, "times that z is made into an example and encoded again, before the pair is judged",
              {0, 1000});
  }
};

class Bigan final : public CriticGame, public Measuring {
 public:
  explicit Bigan(const BiganConfig& config)
      : CriticGame(config.critic), stochastic_(config.stochastic), chain_(config.chain) {
    if (config.critic.generator_label != 1 || config.critic.lazy_generator < 0.5 || config.critic.target_scale > 0)
      fail(Fault::recipe,
           "[game]: generator_label, lazy_generator and target_scale have no effect on game \"bigan\", whose generator "
           "and encoder minimise D's loss with the sides exchanged; leave them out");
  }

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape code{latent.size, 1, 1}, encoded{stochastic_ ? 2 * latent.size : latent.size, 1, 1};
    GameSpec spec{
        .players = {{"discriminator", {"discriminator"}},
                    {"generator", {"generator", "encoder"}, /*keeps_batch=*/true}},
        .networks = {{.name = "discriminator", .input = data.shape, .output = {1, 1, 1}, .with = {{"code", code}}},
                     {.name = "generator", .input = code, .output = data.shape, .range = data.range, .makes = "x"},
                     {.name = "encoder", .input = data.shape, .output = encoded}},
        .latents = {{"z", latent}},
        .samples = {"generator"}};
    // Numbers for the codes of examples, and for those of each step of the chain.
    if (stochastic_) spec.latents.push_back({"noise", {.size = (1 + chain_) * latent.size}});
    if (chain_ > 0) spec.samples.push_back("encoder");
    return spec;
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    const auto z = [&] { return turn.once("chain", [&] { return after_chain(turn.nets, turn.given); }); };
    const auto fake = turn.once("fake", [&] { return turn("generator", z()); });
    const auto code = turn.once("code", [&] { return code_of(turn.x(), 0, turn.nets, turn.given); });
    const Side made(fake, {{"code", z()}}), real(turn.x(), {{"code", code}});
    if (player != "discriminator") return critic_.exchanged(turn, real, made);
    auto loss = critic_.discriminator(turn, real, made);
    // How well the two invert each other, which nobody minimises (theorem 2 of the paper has it follow). In this turn
    // the generator waits, so its statistics are of latents alone.
    loss.watch("reconstruction", (turn("generator", code) - turn.x()).square().mean());
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(after_chain(nets, given), given);
  }

  Measures measures() const override {
    return {.list = {reconstruction_measure()}, .networks = {"generator", "encoder"}};
  }

  Tensor measure(const std::string&, const Nets& nets, const Named& given, const Noise&) const override {
    return nets.at("generator")(code_of(given.at("x"), 0, nets, given), given);
  }

 private:
  /// The code of examples; `step` says which numbers a stochastic encoder draws it with.
  Tensor code_of(const Tensor& x, int64_t step, const Nets& nets, const Named& given) const {
    const auto& z = given.at("z");
    const auto encoded = nets.at("encoder")(x, given);
    if (!stochastic_) return encoded.view_as(z);  // a single number comes as [N]
    return Gaussian::of(encoded).at(given.at("noise").narrow(1, step * z.size(1), z.size(1)));
  }

  Tensor after_chain(const Nets& nets, const Named& given) const {
    auto z = given.at("z");
    for (int64_t step = 1; step <= chain_; ++step) z = code_of(nets.at("generator")(z, given), step, nets, given);
    return z;
  }

  bool stochastic_;
  int64_t chain_;
};

}  // namespace

GameEntry bigan_game() {
  return {"bigan", "a generator and an encoder against a discriminator of examples with their codes",
          "Donahue et al. 2016, arXiv:1605.09782", [] { return std::make_shared<BiganConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Bigan>(dynamic_cast<const BiganConfig&>(config));
          }};
}

}  // namespace duet
