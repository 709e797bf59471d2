#include "duet/games/critic.h"

#include <algorithm>

#include "duet/core/draw.h"
#include "duet/core/error.h"
#include "duet/games/penalties.h"

namespace duet {

void CriticConfig::fields(Fields& f) {
  std::vector<std::string> names;
  for (const auto& entry : objectives()) names.push_back(entry.name);
  f.choice("objective", objective, names, "see `duet list objectives`");
  for (const auto& entry : penalties()) f.schedule(entry.name, penalty[entry.name], entry.line, {.low = 0});
  f.real("real_label", real_label, "D's target for real examples; 0.9 = one-sided smoothing", {-2, 2});
  f.real("real_label_spread", real_label_spread, "uniform +- around it", {0, 2});
  f.real("fake_label", fake_label, "D's target for fakes", {-2, 2});
  f.real("fake_label_spread", fake_label_spread, "uniform +- around it", {0, 2});
  f.real("generator_label", generator_label, "G's target for fakes, least_squares only", {-2, 2});
  f.choice("relativistic", relativistic, {"no", "pairs", "average"},
           "D's outputs relative to those of the other side: pair by pair, or to their mean");
  f.real("flip", flip, "probability that an example's target is flipped", {0, 1});
  f.schedule("instance_noise", instance_noise, "deviation of the noise on all that D sees", {.low = 0});
  f.text("augment", augment, "changes of pictures before D sees them: color, translation, cutout; empty: none");
}

bool CriticConfig::is_penalised() const {
  return std::any_of(penalty.begin(), penalty.end(), [](const auto& one) { return !one.second.is_off(); });
}

Critic::Critic(const CriticConfig& config, std::string network)
    : config_(config), network_(std::move(network)), objective_(objective(config.objective)), augment_(config.augment) {
  if (config.moves_labels() && !objective_.has_targets)
    fail(Fault::recipe,
         "[game]: label smoothing and flipping have no effect with objective = \"{}\"; use vanilla, goodfellow, "
         "minimax, "
         "boundary or least_squares",
         config.objective);
  if (config.generator_label != 1 && !objective_.has_generator_target)
    fail(Fault::recipe, "[game]: generator_label has no effect with objective = \"{}\"; use least_squares",
         config.objective);
  if (config.relativistic != "no" && objective_.needs_real)
    fail(Fault::recipe,
         "[game]: relativistic = \"{}\" has no effect with objective = \"{}\", which compares real and fake itself; "
         "leave it out",
         config.relativistic, config.objective);
}

namespace {

/// Scores against those of the other side (Jolicoeur-Martineau 2018, arXiv:1807.00734).
struct Scores {
  Tensor real, fake;
};
Scores against_each_other(const Tensor& real, const Tensor& fake, const std::string& how) {
  if (how == "pairs") return {real - fake, fake - real};
  return {real - fake.mean(), fake - real.mean()};
}

/// The two terms of a pair are one and the same in symmetric objectives.
double share_of(const std::string& relativistic) { return relativistic == "pairs" ? 0.5 : 1; }

}  // namespace

void Critic::check(const DataKind& data) const {
  if (augment_.is_on() && data.shape.is_vector())
    fail(Fault::recipe, "[game]: augment = \"{}\" changes pictures, the data are vectors of {}; leave it out",
         config_.augment, to_string(data.shape));
}

std::string Critic::stability_advice() const {
  if (config_.is_penalised()) return {};
  return fmt::format("add a penalty (game.{})", config_.objective == "wgan" ? "wgan_gp" : "r1");
}

NetworkNeeds Critic::needs() const {
  NetworkNeeds needs;
  for (const auto& entry : penalties()) {
    const auto weight = config_.penalty.find(entry.name);
    if (weight == config_.penalty.end() || weight->second.is_off()) continue;
    if (entry.independent_examples) needs.independent_examples = "game." + entry.name;
  }
  if (objective_.needs_lipschitz && !config_.is_penalised()) {
    needs.lipschitz = fmt::format("game.objective = \"{}\"", config_.objective);
    needs.lipschitz_remedy =
        "game.wgan_gp = 10 (Gulrajani et al. 2017, which wants lr = 1e-4 and no batch norm in the discriminator)";
  }
  return needs;
}

namespace {

/// Of a discriminator that judges patches, each patch counts like an example (Isola et al. 2017, arXiv:1611.07004).
Tensor each(const Tensor& logits) { return logits.dim() > 2 ? logits.flatten() : logits; }

}  // namespace

Loss Critic::discriminator(const Turn& turn, const Tensor& x, const Tensor& made) const {
  const auto real = shown(x, turn), fake = shown(made, turn);
  const auto logits = turn(network_, std::vector<Tensor>{real, fake});
  const auto real_logits = each(logits[0]), fake_logits = each(logits[1]);
  Loss loss;
  const auto told = targets(real_logits, turn);
  if (config_.relativistic == "no") {
    loss.add("adversarial", objective_.discriminator(real_logits, fake_logits, told));
  } else {
    const auto scores = against_each_other(real_logits, fake_logits, config_.relativistic);
    const auto value = objective_.discriminator(scores.real, scores.fake, told);
    loss.add("adversarial", share_of(config_.relativistic) * value);
  }
  for (const auto& entry : penalties()) {
    const auto& weight = config_.penalty.at(entry.name);
    if (weight.is_off()) continue;
    PenaltyInput input{real, fake, [&](const Tensor& x) { return turn(network_, x); }, turn.noise};
    const auto value = entry.value(input);
    weight.is_constant() ? loss.add(entry.name, value, weight.from) : loss.add(entry.name, value, turn.value(weight));
  }
  loss.watch("logit_real", real_logits.mean());
  loss.watch("logit_fake", fake_logits.mean());
  if (objective_.gives_probability) {
    // Per example before the mean: the sigmoid of a mean logit is not a probability.
    loss.watch("probability_real", real_logits.detach().sigmoid().mean());
    loss.watch("probability_fake", fake_logits.detach().sigmoid().mean());
  }
  return loss;
}

Loss Critic::generator(const Turn& turn, const Tensor& real, const Tensor& fake) const {
  const auto fake_logits = each(turn(network_, shown(fake, turn)));
  const bool relativistic = config_.relativistic != "no";
  const auto real_logits = objective_.needs_real || relativistic ? each(turn(network_, shown(real, turn))) : Tensor();
  Loss loss;
  if (relativistic) {
    // D's loss with the sides exchanged.
    const auto scores = against_each_other(real_logits, fake_logits, config_.relativistic);
    const Targets exchanged{torch::ones_like(fake_logits), torch::zeros_like(real_logits)};
    const auto value = objective_.discriminator(scores.fake, scores.real, exchanged);
    loss.add("adversarial", share_of(config_.relativistic) * value);
  } else {
    loss.add("adversarial", objective_.generator(real_logits, fake_logits, config_.generator_label));
  }
  return loss;
}

/// What D sees of a batch. Penalties use the same.
Tensor Critic::shown(const Tensor& x, const Turn& turn) const {
  return blurred(augment_(x, turn.range(), turn.noise), turn);
}

/// Instance noise (Sonderby et al. 2016, arXiv:1610.04490): the same distribution on real and fake.
Tensor Critic::blurred(const Tensor& x, const Turn& turn) const {
  if (config_.instance_noise.is_off()) return x;
  const auto noise = draw_normal(x.sizes(), x.options(), 0, 1, turn.noise);
  const auto& deviation = config_.instance_noise;
  return deviation.is_constant() ? x + noise * deviation.from : x + noise * turn.value(deviation);
}

Targets Critic::targets(const Tensor& like, const Turn& turn) const {
  const auto options = like.options().requires_grad(false);
  const auto around = [&](double middle, double spread) {
    if (spread == 0) return torch::full(like.sizes(), middle, options);
    return draw_uniform(like.sizes(), options, middle - spread, middle + spread, turn.noise);
  };
  auto real = around(config_.real_label, config_.real_label_spread);
  auto fake = around(config_.fake_label, config_.fake_label_spread);
  if (config_.flip <= 0) return {real, fake};
  const auto flipped = [&] { return draw_bernoulli(like.sizes(), options, config_.flip, turn.noise).to(torch::kBool); };
  const auto real_flipped = flipped(), fake_flipped = flipped();
  return {torch::where(real_flipped, fake, real), torch::where(fake_flipped, real, fake)};
}

}  // namespace duet
