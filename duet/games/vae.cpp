// Variational autoencoder: an encoder gives a Gaussian of codes, a decoder the example's likelihood. Kingma & Welling
// 2013, arXiv:1312.6114. With labels in both networks it is the conditional one (Sohn et al. 2015); with noise on what
// the encoder sees the denoising one (Im et al. 2015, arXiv:1511.06406).
#include "duet/core/draw.h"
#include "duet/core/error.h"
#include "duet/games/gaussian.h"
#include "duet/games/likelihood.h"
#include "duet/games/measures.h"

namespace duet {
namespace {

struct VaeConfig final : Config {
  LikelihoodConfig likelihood;
  Schedule beta = 1.0;
  double noise = 0;
  void fields(Fields& f) override {
    likelihood.fields(f);
    f.schedule("beta", beta, "weight of the codes' divergence from their prior", {.low = 0});
    f.real("noise", noise, "deviation of the noise on what the encoder sees; the decoder is to make what was there",
           {0, 1e6});
  }
};

class Vae final : public Game, public Measuring {
 public:
  explicit Vae(const VaeConfig& config) : config_(config) {}

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    if (latent.kind != "normal")
      fail(Fault::recipe, "[latent]: kind = \"{}\"; expected \"normal\", the prior of this game's codes", latent.kind);
    return {.players = {{"autoencoder", {"encoder", "decoder"}}},
            .networks = {{.name = "encoder", .input = data.shape, .output = {2 * latent.size, 1, 1}},
                         config_.likelihood.decoder("decoder", {latent.size, 1, 1}, data)},
            .latents = {{"z", latent}},
            .samples = {"decoder"}};
  }

  void check(const DataKind& data) const override { config_.likelihood.check(data); }

  Loss loss(const std::string&, const Turn& turn) const override {
    const auto code = Gaussian::of(turn("encoder", noisy(turn.x(), turn.noise)));
    const auto made = turn("decoder", code.at(turn.given.at("z")));
    Loss loss;
    loss.add("reconstruction", -config_.likelihood.log_of(turn.x(), made).mean());
    const auto divergence = code.divergence_from_normal().mean();
    config_.beta.is_constant() ? loss.add("divergence", divergence, config_.beta.from)
                               : loss.add("divergence", divergence, turn.value(config_.beta));
    return loss;
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return config_.likelihood.mean(nets.at("decoder")(given.at("z"), given));
  }

  Measures measures() const override {
    Measures all{.list = {{.name = "negative_elbo", .note = "nats for an example", .decides = true},
                          {.name = "log_likelihood",
                           .note = "nats for an example, by 500 codes each: at most the true value on average",
                           .better = "higher",
                           .examples = 1'000},
                          reconstruction_measure(),
                          {.name = "annealed_likelihood",
                           .note = "nats for an example, by annealed importance sampling",
                           .better = "higher",
                           .examples = 64,
                           .on_request = true}},
                 .networks = {"encoder", "decoder"}};
    if (config_.noise > 0)
      all.list.push_back(
          {.name = "noise_left",
           .note = "squared distance of what noisy examples become from what was there, as a share of the noise's"});
    return all;
  }

  Tensor measure(const std::string& name, const Nets& nets, const Named& given, const Noise& noise) const override {
    const auto& x = given.at("x");
    if (name == "annealed_likelihood") return annealed(nets, given, noise);
    const auto seen = noisy(x, noise);
    const auto code = Gaussian::of(nets.at("encoder")(name == "reconstruction" ? x : seen, given));
    if (name == "negative_elbo") {
      const auto made = nets.at("decoder")(code.at(given.at("z")), given);
      return code.divergence_from_normal() - config_.likelihood.log_of(x, made);
    }
    if (name == "log_likelihood") return importance_bound(code, nets, given, noise);
    const auto made = config_.likelihood.mean(nets.at("decoder")(code.mean, given));
    if (name == "reconstruction") return made;
    return (made - x).flatten(1).square().sum(1) / (seen - x).flatten(1).square().sum(1);
  }

 private:
  /// What the encoder sees: pixels stay within 0..1.
  Tensor noisy(const Tensor& x, const Noise& noise) const {
    if (config_.noise == 0) return x;
    const auto seen = x + draw_normal(x.sizes(), x.options(), 0, config_.noise, noise);
    return config_.likelihood.is_bernoulli() ? seen.clamp(0, 1) : seen;
  }

  /// log p(x | z) for `copies` codes of each example, [copies * N].
  Tensor likelihood_of(const Tensor& z, int64_t copies, const Nets& nets, const Named& given) const {
    Named with = given;
    for (auto& [name, value] : with) {
      auto sizes = value.sizes().vec();
      sizes.insert(sizes.begin(), copies);
      value = value.unsqueeze(0).expand(sizes).flatten(0, 1);
    }
    return config_.likelihood.log_of(with.at("x"), nets.at("decoder")(z, with));
  }

  /// Burda et al. 2015, arXiv:1509.00519: the mean is over p(x, z) / q(z | x).
  Tensor importance_bound(const Gaussian& code, const Nets& nets, const Named& given, const Noise& noise) const {
    constexpr int64_t kCodes = 500;
    const auto n = code.mean.size(0);
    return log_mean_exp(kCodes, [&](int64_t copies) {
      const auto again = [copies](const Tensor& x) { return x.repeat({copies, 1}); };
      const Gaussian all{again(code.mean), again(code.log_variance)};
      const auto z = all.at(draw_normal(all.mean.sizes(), all.mean.options(), 0, 1, noise));
      return (likelihood_of(z, copies, nets, given) + log_standard_normal(z) - all.log_density(z)).view({copies, n});
    });
  }

  Tensor annealed(const Nets& nets, const Named& given, const Noise& noise) const {
    const auto& z = given.at("z");
    const Annealing how;
    return annealed_likelihood(
        {.log_likelihood = [&](const Tensor& codes) { return likelihood_of(codes, how.chains, nets, given); },
         .examples = z.size(0),
         .code = z.size(1),
         .options = z.options()},
        noise, how);
  }

  VaeConfig config_;
};

}  // namespace

GameEntry vae_game() {
  return {"vae", "an encoder and a decoder that raise a lower bound of the examples' likelihood together",
          "Kingma & Welling 2013, arXiv:1312.6114", [] { return std::make_shared<VaeConfig>(); },
          [](const Config& config) -> std::unique_ptr<Game> {
            return std::make_unique<Vae>(dynamic_cast<const VaeConfig&>(config));
          }};
}

}  // namespace duet
