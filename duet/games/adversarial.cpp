// The two-player game of Goodfellow et al. 2014 (arXiv:1406.2661) with any objective, gradient penalties, and the usual
// tricks on D's labels and inputs (soumith/ganhacks tips 2, 6, 13).
#include <algorithm>
#include <cmath>

#include "duet/core/draw.h"
#include "duet/core/error.h"
#include "duet/games/augment.h"
#include "duet/games/game.h"
#include "duet/games/objectives.h"
#include "duet/games/penalties.h"

namespace duet {
namespace {

struct AdversarialConfig final : Config {
  std::string objective = "vanilla";
  std::map<std::string, Schedule> penalty;  // weight by penalty name
  double real_label = 1, real_label_spread = 0;
  double fake_label = 0, fake_label_spread = 0;
  double flip = 0;
  Schedule instance_noise = 0.0;
  std::string augment;

  void fields(Fields& f) override {
    std::vector<std::string> names;
    for (const auto& entry : objectives()) names.push_back(entry.name);
    f.choice("objective", objective, names, "see `duet list objectives`");
    for (const auto& entry : penalties()) f.schedule(entry.name, penalty[entry.name], entry.line, {.low = 0});
    f.real("real_label", real_label, "what D is told of real examples; 0.9 = one-sided smoothing", {-2, 2});
    f.real("real_label_spread", real_label_spread, "uniform +- around it", {0, 2});
    f.real("fake_label", fake_label, "what D is told of fakes", {-2, 2});
    f.real("fake_label_spread", fake_label_spread, "uniform +- around it", {0, 2});
    f.real("flip", flip, "probability that D is told the opposite of an example", {0, 1});
    f.schedule("instance_noise", instance_noise, "deviation of the noise on all that D sees", {.low = 0});
    f.text("augment", augment, "what changes pictures before D sees them: color, translation, cutout; empty: nothing");
  }

  bool moves_labels() const {
    return real_label != 1 || fake_label != 0 || real_label_spread > 0 || fake_label_spread > 0 || flip > 0;
  }
};

class Adversarial final : public Game {
 public:
  explicit Adversarial(const AdversarialConfig& config)
      : config_(config), objective_(objective(config.objective)), augment_(config.augment) {
    if (config.moves_labels() && !objective_.has_targets)
      fail(Fault::recipe,
           "[game]: label smoothing and flipping mean nothing to objective = \"{}\"; use vanilla, goodfellow, minimax, "
           "boundary or least_squares",
           config.objective);
  }

  GameSpec spec(const DataKind& data, const LatentConfig& latent) const override {
    const Shape z{latent.size, 1, 1}, logit{1, 1, 1};
    return {
        .players = {{"discriminator", {"discriminator"}}, {"generator", {"generator"}, /*keeps_batch=*/true}},
        .networks = {{.name = "discriminator", .input = data.shape, .output = logit},
                     {.name = "generator", .input = z, .output = data.shape, .range = data.range, .makes_data = true}},
        .latents = {{"z", latent}},
        .samples = {"generator"}};
  }

  void check(const Shape& data) const override {
    if (augment_.is_on() && data.is_vector())
      fail(Fault::recipe, "[game]: augment = \"{}\" changes pictures, the data are vectors of {}; leave it out",
           config_.augment, to_string(data));
  }

  Loss loss(const std::string& player, const Turn& turn) const override {
    return player == "discriminator" ? discriminator(turn) : generator(turn);
  }

  Tensor sample(const Nets& nets, const Named& given) const override {
    return nets.at("generator")(given.at("z"), given);
  }

  std::string calms(const std::string& player) const override {
    const bool penalised = std::any_of(config_.penalty.begin(), config_.penalty.end(),
                                       [](const auto& penalty) { return !penalty.second.is_off(); });
    if (player != "discriminator" || penalised) return {};
    return fmt::format("add a penalty (game.{})", config_.objective == "wgan" ? "wgan_gp" : "r1");
  }

  std::map<std::string, NetworkNeeds> needs() const override {
    NetworkNeeds needs;
    bool penalised = false;
    for (const auto& entry : penalties()) {
      const auto weight = config_.penalty.find(entry.name);
      if (weight == config_.penalty.end() || weight->second.is_off()) continue;
      penalised = true;
      if (entry.examples_alone) needs.examples_alone = "game." + entry.name;
    }
    if (objective_.needs_limit && !penalised)
      needs.limited_slope = fmt::format("game.objective = \"{}\"", config_.objective);
    return {{"discriminator", needs}};
  }

 private:
  /// What the discriminator has judged the generator learns from, where nobody has moved since.
  Tensor fakes(const Turn& turn) const {
    return turn.once("fake", [&] { return sample(turn.nets, turn.given); });
  }

  Loss discriminator(const Turn& turn) const {
    const auto made = fakes(turn);
    const auto real = shown(turn.x(), turn), fake = shown(made, turn);
    const auto logits = turn("discriminator", std::vector<Tensor>{real, fake});
    const auto &real_logits = logits[0], &fake_logits = logits[1];
    Loss loss;
    loss.add("adversarial", objective_.discriminator(real_logits, fake_logits, targets(real_logits, turn)));
    for (const auto& entry : penalties()) {
      const auto& weight = config_.penalty.at(entry.name);
      if (weight.is_off()) continue;
      PenaltyInput input{real, fake, [&](const Tensor& x) { return turn("discriminator", x); }, turn.noise};
      const auto value = entry.value(input);
      weight.is_constant() ? loss.add(entry.name, value, weight.from) : loss.add(entry.name, value, turn.value(weight));
    }
    loss.watch("logit_real", real_logits.mean());
    loss.watch("logit_fake", fake_logits.mean());
    if (objective_.gives_probability) {
      // Of each example before the mean: the sigmoid of a mean logit is nobody's probability.
      loss.watch("probability_real", real_logits.detach().sigmoid().mean());
      loss.watch("probability_fake", fake_logits.detach().sigmoid().mean());
    }
    return loss;
  }

  Loss generator(const Turn& turn) const {
    const auto fake_logits = turn("discriminator", shown(fakes(turn), turn));
    const auto real_logits = objective_.needs_real ? turn("discriminator", shown(turn.x(), turn)) : Tensor();
    Loss loss;
    loss.add("adversarial", objective_.generator(real_logits, fake_logits));
    return loss;
  }

  /// What D is shown of a batch. Penalties are on what it is shown.
  Tensor shown(const Tensor& x, const Turn& turn) const { return blurred(augment_(x, turn.range, turn.noise), turn); }

  /// Instance noise (Sonderby et al. 2016, arXiv:1610.04490): the same law on real and fake.
  Tensor blurred(const Tensor& x, const Turn& turn) const {
    if (config_.instance_noise.is_off()) return x;
    const auto noise = draw_normal(x.sizes(), x.options(), 0, 1, turn.noise);
    const auto& deviation = config_.instance_noise;
    return deviation.is_constant() ? x + noise * deviation.from : x + noise * turn.value(deviation);
  }

  Targets targets(const Tensor& like, const Turn& turn) const {
    const auto options = like.options().requires_grad(false);
    const auto around = [&](double middle, double spread) {
      if (spread == 0) return torch::full(like.sizes(), middle, options);
      return draw_uniform(like.sizes(), options, middle - spread, middle + spread, turn.noise);
    };
    auto real = around(config_.real_label, config_.real_label_spread);
    auto fake = around(config_.fake_label, config_.fake_label_spread);
    if (config_.flip <= 0) return {real, fake};
    const auto flipped = [&] {
      return draw_bernoulli(like.sizes(), options, config_.flip, turn.noise).to(torch::kBool);
    };
    const auto real_flipped = flipped(), fake_flipped = flipped();
    return {torch::where(real_flipped, fake, real), torch::where(fake_flipped, real, fake)};
  }

  AdversarialConfig config_;
  const Objective& objective_;
  const Augment augment_;
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
