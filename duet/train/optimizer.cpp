#include "duet/train/optimizer.h"

#include <cmath>

#include "duet/core/error.h"

namespace duet {

template <>
struct Math<Tensor> {
  /// Square root of non-negative numbers. Its slope at 0 is infinite; for dead units, whose mean square is 0, the
  /// gradient there is set to 0, or the product would be NaN.
  static Tensor root(const Tensor& x) {
    if (!x.requires_grad()) return x.sqrt();
    const auto some = x > 0;
    return torch::where(some, torch::where(some, x, torch::ones_like(x)).sqrt(), torch::zeros_like(x));
  }
  static Tensor magnitude(const Tensor& x) { return x.abs(); }
  static Tensor larger(const Tensor& a, const Tensor& b) { return torch::maximum(a, b); }
};

namespace {

/// A rule's slots by name; null for those it does not have.
const char* first_name(const std::string& optimizer) {
  return optimizer == "rmsprop" ? nullptr : optimizer == "sgd" ? "velocity" : "mean";
}
const char* second_name(const std::string& optimizer) { return optimizer == "sgd" ? nullptr : "square"; }

/// Decay of the second slot per step.
double second_decay(const PlayerConfig& config) { return config.optimizer == "rmsprop" ? config.alpha : config.beta2; }

/// Parameters of the rules for tensors: 0-dim tensors for those that change from step to step.
struct Rates {
  Tensor lr, beta1, correction;
  double beta2, eps;
};

Rule rule_of(const PlayerConfig& config) {
  if (config.optimizer == "sgd") return config.nesterov ? Rule::nesterov : Rule::sgd;
  if (config.optimizer == "rmsprop") return Rule::rmsprop;
  return config.optimizer == "adam" ? Rule::adam : Rule::adamax;
}

/// Allows the rule to be chosen at run time for tensors.
Tensor lost_by(Rule rule, const Rates& how, const Tensor& g, Tensor& m, Tensor& v) {
  switch (rule) {
    case Rule::sgd:
      return lost<Rule::sgd>(how, g, m, v);
    case Rule::nesterov:
      return lost<Rule::nesterov>(how, g, m, v);
    case Rule::rmsprop:
      return lost<Rule::rmsprop>(how, g, m, v);
    case Rule::adam:
      return lost<Rule::adam>(how, g, m, v);
    case Rule::adamax:
      return lost<Rule::adamax>(how, g, m, v);
  }
  fail(Fault::internal, "no such rule");
}

}  // namespace

Optimizer::Optimizer(Weights& weights, const PlayerConfig& config) : weights_(weights), config_(config) {
  for (const auto* name : {first_name(config_.optimizer), second_name(config_.optimizer)})
    if (name) slots_[name] = torch::zeros_like(weights_.values());
  const auto narrow = [](double x) { return static_cast<float>(x); };
  how_ = {.rule = rule_of(config_),
          .beta2 = narrow(second_decay(config_)),
          .eps = narrow(config_.eps),
          .clip = narrow(config_.clip_value),
          .weight_decay = narrow(config_.weight_decay),
          .weight_clip = narrow(config_.weight_clip)};
}

/// Numbers that change from step to step: lr, beta1 and correction of a rule (see ops/rules.h).
std::array<double, 3> Optimizer::rates_at(const Clock& clock) const {
  const double lr = config_.lr.at(clock);
  if (config_.optimizer == "sgd") return {lr, config_.momentum.at(clock), 1};
  if (config_.optimizer == "rmsprop") return {lr, config_.beta1, 1};
  const auto updates = static_cast<double>(clock.updates + 1);
  return {lr / (1 - std::pow(config_.beta1, updates)), config_.beta1,
          1 / std::sqrt(1 - std::pow(config_.beta2, updates))};
}

Tensor Optimizer::rates(const Clock& clock, double ema_rate, double rate) const {
  const auto [lr, beta1, correction] = rates_at(clock);
  return torch::tensor({lr * rate, beta1, correction, ema_rate}, weights_.values().scalar_type());
}

Tensor Optimizer::prepare(const Clock& clock, double ema_rate, double rate) {
  const auto [lr, beta1, correction] = rates_at(clock);
  how_.lr = static_cast<float>(lr * rate), how_.beta1 = static_cast<float>(beta1);
  how_.correction = static_cast<float>(correction), how_.average_rate = static_cast<float>(ema_rate);
  return rates(clock, ema_rate, rate);
}

OptimizerState Optimizer::state() const {
  const auto slot = [&](const char* name) { return name ? slots_.at(name) : Tensor(); };
  return {weights_.values(), slot(first_name(config_.optimizer)), slot(second_name(config_.optimizer))};
}

void Optimizer::apply(const Tensor& rates, const Tensor& scale) {
  torch::NoGradGuard no_grad;
  auto values = weights_.values();
  if (values.numel() == 0) return;
  const auto& ema = weights_.ema();
  if (values.device().is_cpu() && values.scalar_type() == torch::kFloat32) {
    // The EMA follows the values after the limit on columns.
    const bool limited = config_.max_column_norm > 0;
    step_in_one_pass(scale, limited ? Tensor() : ema);
    if (limited) {
      values.copy_(within_column_norm(values));
      if (ema.defined()) ema.add_((values - ema) * rates[3]);
    }
  } else {
    step_by_operations(rates, scale, ema);
  }
  weights_.zero_grad();
  weights_.changed();
}

void Optimizer::step_in_one_pass(const Tensor& scale, const Tensor& ema) {
  auto how = how_;
  if (scale.defined()) how.gradient_scale = scale.item<float>();
  // Gradients stay where backward has put them; a parameter without a gradient gets zeros.
  std::vector<Tensor> gradients;
  std::vector<int64_t> ends;
  for (const auto& [name, value] : weights_.parameters()) {
    const auto& gradient = value.grad();
    gradients.push_back(gradient.defined() ? gradient.contiguous() : torch::zeros_like(value));
    ends.push_back((ends.empty() ? 0 : ends.back()) + value.numel());
  }
  const auto slot = [&](const char* name) { return name ? slots_.at(name).data_ptr<float>() : nullptr; };
  const auto& values = weights_.values();
  const FlatBuffers buffers{values.data_ptr<float>(), slot(first_name(config_.optimizer)),
                            slot(second_name(config_.optimizer)), ema.defined() ? ema.data_ptr<float>() : nullptr};
  at::parallel_for(0, values.numel(), 16'384, [&](int64_t begin, int64_t end) {
    int64_t first = 0;
    for (size_t i = 0; i < gradients.size(); first = ends[i++]) {
      const auto from = std::max(begin, first), to = std::min(end, ends[i]);
      if (from < to) duet::update(how, buffers, gradients[i].data_ptr<float>() - first, from, to);
    }
  });
}

/// The same as duet::update for other devices and types: numbers that change from step to step come from the rates
/// alone, and nothing is read on the host.
OptimizerState Optimizer::stepped(const OptimizerState& from, Tensor gradients, const Tensor& rates,
                                  const Tensor& scale) const {
  if (scale.defined()) gradients = gradients * scale.to(gradients.scalar_type());
  if (config_.clip_value > 0) gradients = gradients.clamp(-config_.clip_value, config_.clip_value);
  if (config_.weight_decay > 0) gradients = gradients + from.values * config_.weight_decay;
  auto to = from;
  to.values = from.values - lost_by(how_.rule, {rates[0], rates[1], rates[2], second_decay(config_), config_.eps},
                                    gradients, to.first, to.second);
  if (config_.weight_clip > 0) to.values = to.values.clamp(-config_.weight_clip, config_.weight_clip);
  if (config_.max_column_norm > 0 && to.values.numel() > 0) to.values = within_column_norm(to.values);
  return to;
}

void Optimizer::step_by_operations(const Tensor& rates, const Tensor& scale, const Tensor& ema) {
  std::vector<Tensor> parts;
  for (const auto& [name, value] : weights_.parameters())
    parts.push_back((value.grad().defined() ? value.grad() : torch::zeros_like(value)).flatten());
  auto here = state();
  const auto to = stepped(here, torch::cat(parts), rates, scale);
  here.values.copy_(to.values);
  if (here.first.defined()) here.first.copy_(to.first);
  if (here.second.defined()) here.second.copy_(to.second);
  if (ema.defined()) ema.add_((here.values - ema) * rates[3]);
}

/// Flat values with the incoming weights of every unit scaled to at most the given norm.
Tensor Optimizer::within_column_norm(const Tensor& values) const {
  const auto parts = weights_.parts_of(values);
  std::vector<Tensor> limited;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto& name = weights_.parameters()[i].name;
    auto part = parts[i];
    if (name.ends_with(".weight")) {
      // Weights are [units, inputs, ...], a transposed convolution's [inputs, units, ...].
      const int64_t units = name.ends_with("conv_transpose.weight") ? 1 : 0;
      std::vector<int64_t> incoming;
      for (int64_t d = 0; d < part.dim(); ++d)
        if (d != units) incoming.push_back(d);
      const auto norms = part.norm(2, incoming, /*keepdim=*/true).clamp_min(1e-12);
      part = part * (config_.max_column_norm / norms).clamp_max(1);
    }
    limited.push_back(part.flatten());
  }
  return torch::cat(limited);
}

}  // namespace duet
