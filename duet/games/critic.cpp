#include "duet/games/critic.h"

#include <algorithm>
#include <cmath>

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
  f.real("lazy_discriminator", lazy_discriminator,
         "D learns from examples whose side it gives less than 1/2 + this probability; 0.5: from all", {0, 0.5});
  f.real("lazy_generator", lazy_generator,
         "G learns from fakes that D believes with less than 1/2 + this probability; 0.5: from all", {0, 0.5});
  f.real("target_scale", target_scale, "G's gradient in its fakes is scaled up to at least this norm; 0 off", {0, 1e6});
  f.schedule("instance_noise", instance_noise, "deviation of the noise on all that D sees", {.low = 0});
  f.text("augment", augment, "changes of pictures before D sees them: color, translation, cutout; empty: none");
}

void CriticGameConfig::fields(Fields& f) {
  critic.fields(f);
  f.schedule("lecam", critic.lecam, "squared distance of D's outputs from the other side's mean output so far (LeCam)",
             {.low = 0});
  if (!critic.lecam.is_off())
    f.real("lecam_decay", critic.lecam_decay, "of those means' weights with each of D's moves", {0, 0.999999});
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
  if ((config.lazy_discriminator < 0.5 || config.lazy_generator < 0.5) && !objective_.gives_probability)
    fail(Fault::recipe,
         "[game]: lazy_discriminator and lazy_generator go by D's probabilities, and with objective = \"{}\" it gives "
         "scores; use vanilla, goodfellow, minimax or boundary",
         config.objective);
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

/// The same numbers, of which only the chosen ones carry a gradient.
Tensor learnt_where(const Tensor& chosen, const Tensor& logits) {
  return torch::where(chosen, logits, logits.detach());
}

/// The logit of probability 1/2 + margin.
double beyond_half(double margin) { return std::log((0.5 + margin) / (0.5 - margin)); }

/// The same x, whose gradient is scaled up to this norm where it is smaller.
Tensor with_gradient_of(double norm, const Tensor& x) {
  if (norm <= 0 || !x.requires_grad()) return x;
  auto seen = x.view_as(x);
  seen.register_hook([norm](const Tensor& g) { return g * (norm / g.norm().clamp_min(1e-12)).clamp_min(1); });
  return seen;
}

/// A side as one batch of vectors; examples alone as they are.
Tensor as_one(const Side& side) {
  if (side.with.empty()) return side.x;
  std::vector<Tensor> parts{side.x.flatten(1)};
  for (const auto& [name, value] : side.with) parts.push_back(value.flatten(1));
  return torch::cat(parts, 1);
}

/// The opposite: a side whose parts are like those of another.
Side apart(const Tensor& whole, const Side& like) {
  if (like.with.empty()) return whole;
  int64_t begin = 0;
  const auto next = [&](const Tensor& part) {
    const auto size = part[0].numel();
    const auto piece = whole.narrow(1, begin, size).view_as(part);
    begin += size;
    return piece;
  };
  Side side(next(like.x));
  for (const auto& [name, value] : like.with) side.with[name] = next(value);
  return side;
}

}  // namespace

std::vector<Verdict> Critic::ask(const Turn& turn, const std::vector<Side>& sides) const {
  std::vector<Tensor> batches;
  std::vector<Named> with;
  for (const auto& side : sides) {
    batches.push_back(side.x);
    with.push_back(turn.given);
    for (const auto& [name, value] : side.with) with.back()[name] = value;
  }
  const auto said = turn.nets.at(network_)(batches, with);
  std::vector<Verdict> verdicts;
  for (size_t i = 0; i < sides.size(); ++i) {
    const auto& y = said[i];
    if (y.dim() == 2 && y.size(1) > 1)
      verdicts.push_back({sides[i], y.select(1, 0), y.slice(1, 1)});
    else  // patches each count like an example (Isola et al. 2017, arXiv:1611.07004)
      verdicts.push_back({sides[i], y.dim() > 2 ? y.flatten() : y});
  }
  return verdicts;
}

std::pair<Verdict, Verdict> Critic::judge(const Turn& turn, const Side& real, const Side& fake) const {
  const auto seen = shown(real, turn);
  const auto said = ask(turn, {seen, shown(fake, turn)});
  return {said[0], said[1]};
}

Verdict Critic::judge_made(const Turn& turn, const Side& fake) const {
  auto made = fake;
  made.x = with_gradient_of(config_.target_scale, made.x);
  return ask(turn, {shown(made, turn)})[0];
}

Loss Critic::discriminator(const Turn& turn, const Side& real, const Side& fake) const {
  return discriminator(turn, judge(turn, real, fake));
}

Loss Critic::discriminator(const Turn& turn, const std::pair<Verdict, Verdict>& said) const {
  const auto& [real, fake] = said;
  Loss loss;
  const auto told = targets(real.logit, turn);
  auto r = real.logit, f = fake.logit;
  if (config_.lazy_discriminator < 0.5) {
    const double sure = beyond_half(config_.lazy_discriminator);
    r = learnt_where(r < sure, r), f = learnt_where(f > -sure, f);
  }
  loss.add("adversarial", told_apart(r, f, told));
  add_penalties(loss, turn, real.shown, fake.shown);
  add_lecam(loss, turn, real.logit, fake.logit);
  loss.watch("logit_real", real.logit.mean());
  loss.watch("logit_fake", fake.logit.mean());
  if (objective_.gives_probability) {
    // Per example before the mean: the sigmoid of a mean logit is not a probability.
    loss.watch("probability_real", real.logit.detach().sigmoid().mean());
    loss.watch("probability_fake", fake.logit.detach().sigmoid().mean());
  }
  return loss;
}

void Critic::add_penalties(Loss& loss, const Turn& turn, const Side& real, const Side& fake) const {
  for (const auto& entry : penalties()) {
    const auto& weight = config_.penalty.at(entry.name);
    if (weight.is_off()) continue;
    const auto logit_of = [&](const Tensor& at) { return ask(turn, {apart(at, real)})[0].logit; };
    PenaltyInput input{as_one(real), as_one(fake), logit_of, turn.noise};
    const auto value = entry.value(input);
    weight.is_constant() ? loss.add(entry.name, value, weight.from) : loss.add(entry.name, value, turn.value(weight));
  }
}

/// Each side's outputs are drawn to the mean that the other's have had (Tseng et al. 2021, arXiv:2104.03310, eq. 4).
void Critic::add_lecam(Loss& loss, const Turn& turn, const Tensor& real, const Tensor& fake) const {
  const auto& weight = config_.lecam;
  if (weight.is_off()) return;
  const auto means = anchors_ / anchors_[2].clamp_min(1e-12);
  const auto value = (real - means[1]).square().mean() + (fake - means[0]).square().mean();
  weight.is_constant() ? loss.add("lecam", value, weight.from) : loss.add("lecam", value, turn.value(weight));
}

Loss Critic::generator(const Turn& turn, const Side& real, const Side& fake) const {
  return generator(turn, real, judge_made(turn, fake));
}

Loss Critic::generator(const Turn& turn, const Side& real, const Verdict& said) const {
  const bool relativistic = config_.relativistic != "no";
  const auto r = objective_.needs_real || relativistic ? ask(turn, {shown(real, turn)})[0].logit : Tensor();
  auto f = said.logit;
  if (config_.lazy_generator < 0.5) f = learnt_where(f < beyond_half(config_.lazy_generator), f);
  Loss loss;
  loss.add("adversarial", relativistic ? told_wrong(r, f) : objective_.generator(r, f, config_.generator_label));
  return loss;
}

Loss Critic::exchanged(const Turn& turn, const Side& real, const Side& fake) const {
  const auto said = judge(turn, real, fake);
  Loss loss;
  loss.add("adversarial", told_wrong(said.first.logit, said.second.logit));
  return loss;
}

/// D's loss.
Tensor Critic::told_apart(const Tensor& real, const Tensor& fake, const Targets& told) const {
  if (config_.relativistic == "no") return objective_.discriminator(real, fake, told);
  const auto scores = against_each_other(real, fake, config_.relativistic);
  return share_of(config_.relativistic) * objective_.discriminator(scores.real, scores.fake, told);
}

/// The same with the sides exchanged.
Tensor Critic::told_wrong(const Tensor& real, const Tensor& fake) const {
  return told_apart(fake, real, {torch::ones_like(fake), torch::zeros_like(real)});
}

void Critic::moved(const Loss& loss, const std::string& prefix) {
  if (config_.lecam.is_off()) return;
  const auto watched = [&](const char* name) {
    for (const auto& term : loss.watched)
      if (term.name == prefix + name) return term.value.to(torch::kFloat64);
    fail(Fault::internal, "{}: its loss has no number \"{}{}\"", network_, prefix, name);
  };
  const auto now = torch::stack({watched("logit_real"), watched("logit_fake"), torch::ones_like(anchors_[2])});
  anchors_.mul_(config_.lecam_decay).add_(now, 1 - config_.lecam_decay);
}

std::vector<std::pair<std::string, Tensor>> Critic::state() {
  if (config_.lecam.is_off()) return {};
  return {{network_ + ".lecam", anchors_}};
}

/// What D sees of a side. Penalties use the same.
Side Critic::shown(const Side& side, const Turn& turn) const {
  auto seen = side;
  seen.x = blurred(augment_(side.x, turn.range(), turn.noise), turn);
  for (auto& [name, value] : seen.with) value = blurred(value, turn);
  return seen;
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
