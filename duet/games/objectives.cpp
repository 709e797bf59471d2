#include "duet/games/objectives.h"

#include <cmath>
#include <numbers>

#include "duet/core/error.h"
#include "duet/core/nearest.h"

namespace duet {
namespace {

/// Binary cross entropy of logits against targets t: softplus(x) - t x.
Tensor cross_entropy(const Tensor& logits, const Tensor& targets) {
  return (torch::softplus(logits) - targets * logits).mean();
}
/// The same with all targets 1, or 0.
Tensor as_real(const Tensor& logits) { return torch::softplus(-logits).mean(); }
Tensor as_fake(const Tensor& logits) { return torch::softplus(logits).mean(); }

Tensor told_apart(const Tensor& r, const Tensor& f, const Targets& t) {
  return cross_entropy(r, t.real) + cross_entropy(f, t.fake);
}
Tensor be_judged_real(const Tensor&, const Tensor& f, double) { return as_real(f); }
Tensor raise_score(const Tensor&, const Tensor& f, double) { return -f.mean(); }

/// e^v, beyond kSteep along its tangent there: no score makes a number that is not finite.
constexpr double kSteep = 20;
Tensor tangent_exp(const Tensor& v) {
  return torch::where(v < kSteep, torch::exp(v.clamp_max(kSteep)), std::exp(kSteep) * (1 - kSteep + v));
}

/// log W(e^y), W Lambert's function: the u with e^u + u = y. Newton's steps from either side's asymptote converge to
/// the last digits; two more that are differentiated give the first and the second derivative.
Tensor log_lambert(const Tensor& y) {
  const auto step = [](const Tensor& u, const Tensor& at) {
    return u - (torch::exp(u) + u - at) / (torch::exp(u) + 1);
  };
  Tensor u;
  {
    const torch::NoGradGuard no_grad;
    u = torch::where(y > 1, torch::log(y.clamp_min(1)), y);
    for (int i = 0; i < 8; ++i) u = step(u, y);
  }
  return step(step(u.detach(), y), y);
}

/// An f-divergence's row (Nowozin et al. 2016): D maximises E T(r) - E f*(T(f)), G minimises -E f*(T(f)) the seeds'
/// way: it maximises the same conjugate term.
template <class Value, class Conjugate>
Objective divergence(const char* name, const char* line, Value value, Conjugate conjugate) {
  return {name,
          line,
          "Nowozin et al. 2016, arXiv:1606.00709",
          false,
          false,
          [=](const Tensor& r, const Tensor& f, const Targets&) { return conjugate(f).mean() - value(r).mean(); },
          [=](const Tensor&, const Tensor& f, double) { return -conjugate(f).mean(); }};
}

/// log of the sum over both batches of e^-score, through log-sum-exp.
Tensor log_partition(const Tensor& r, const Tensor& f) { return torch::logsumexp(torch::cat({-r, -f}), 0); }

std::vector<Objective> make_objectives() {
  const char* goodfellow = "Goodfellow et al. 2014, arXiv:1406.2661";
  return {
      {"vanilla", "D: -log s(r) - log(1 - s(f)); G: -log s(f) (non-saturating)", goodfellow, true, false, told_apart,
       be_judged_real, true},
      {"goodfellow", "half of vanilla's D loss, as in the paper's code", goodfellow, true, false,
       [](const Tensor& r, const Tensor& f, const Targets& t) { return 0.5 * told_apart(r, f, t); }, be_judged_real,
       true},
      {"minimax", "D as vanilla; G: log(1 - s(f)), the game of the theory", goodfellow, true, false, told_apart,
       [](const Tensor&, const Tensor& f, double) { return -as_fake(f); }, true},
      {"least_squares", "D: ((r - 1)^2 + f^2) / 2; G: (f - 1)^2 / 2; b, a, c: real_label, fake_label, generator_label",
       "Mao et al. 2016, arXiv:1611.04076", true, false,
       [](const Tensor& r, const Tensor& f, const Targets& t) {
         return 0.5 * ((r - t.real).square().mean() + (f - t.fake).square().mean());
       },
       [](const Tensor&, const Tensor& f, double target) { return 0.5 * (f - target).square().mean(); },
       /*gives_probability=*/false, /*has_generator_target=*/true},
      {"boundary", "D as vanilla; G: f^2 / 2, towards D's boundary", "Hjelm et al. 2017, arXiv:1702.08431", true, false,
       told_apart, [](const Tensor&, const Tensor& f, double) { return 0.5 * f.square().mean(); }, true},
      {"wgan", "D: f - r; G: -f; needs weight_clip or a gradient penalty", "Arjovsky et al. 2017, arXiv:1701.07875",
       false, false, [](const Tensor& r, const Tensor& f, const Targets&) { return f.mean() - r.mean(); }, raise_score,
       /*gives_probability=*/false, /*has_generator_target=*/false, /*needs_lipschitz=*/true},
      {"hinge", "D: max(0, 1 - r) + max(0, 1 + f); G: -f", "Lim & Ye 2017, arXiv:1705.02894", false, false,
       [](const Tensor& r, const Tensor& f, const Targets&) {
         return torch::relu(1 - r).mean() + torch::relu(1 + f).mean();
       },
       raise_score},
      {"squared_hinge", "D: max(0, 1 - r)^2 + max(0, 1 + f)^2; G: max(0, 1 - f)^2",
       "keras-adversarial's gan_targets_hinge", false, false,
       [](const Tensor& r, const Tensor& f, const Targets&) {
         return torch::relu(1 - r).square().mean() + torch::relu(1 + f).square().mean();
       },
       [](const Tensor&, const Tensor& f, double) { return torch::relu(1 - f).square().mean(); }},
      divergence(
          "f_total_variation", "T = f* = tanh(v) / 2", [](const Tensor& v) { return 0.5 * torch::tanh(v); },
          [](const Tensor& v) { return 0.5 * torch::tanh(v); }),
      divergence(
          "f_kl", "T = v, f* = e^(v - 1)", [](const Tensor& v) { return v; },
          [](const Tensor& v) { return tangent_exp(v - 1); }),
      divergence(
          "f_reverse_kl", "T = -e^v, f* = -1 - v", [](const Tensor& v) { return -tangent_exp(v); },
          [](const Tensor& v) { return -1 - v; }),
      divergence(
          "f_pearson", "T = v, f* = v^2 / 4 + v", [](const Tensor& v) { return v; },
          [](const Tensor& v) { return 0.25 * v.square() + v; }),
      divergence(
          "f_squared_hellinger", "T = 1 - e^v, f* = (1 - e^v) / e^v",
          [](const Tensor& v) { return 1 - tangent_exp(v); }, [](const Tensor& v) { return tangent_exp(-v) - 1; }),
      divergence(
          "f_jensen_shannon", "T = log 2 - log(1 + e^-v), f* = log(1 + e^v) - log 2",
          [](const Tensor& v) { return std::numbers::ln2 - torch::softplus(-v); },
          [](const Tensor& v) { return torch::softplus(v) - std::numbers::ln2; }),
      divergence(
          "f_jeffrey", "T = v, f* = W + 1 / W + v - 2 with W e^W = e^(1 - v)", [](const Tensor& v) { return v; },
          [](const Tensor& v) {
            const auto u = log_lambert(1 - v);
            return torch::exp(u) + tangent_exp(-u) + v - 2;
          }),
      divergence(
          "f_gan", "T = -log(1 + e^-v), f* = log(1 + e^v): vanilla's D, minimax's G",
          [](const Tensor& v) { return -torch::softplus(-v); }, [](const Tensor& v) { return torch::softplus(v); }),
      {"softmax", "scores share one softmax: D wants all weight on real, G equal weights", "Lin 2017, arXiv:1704.06191",
       false, true, [](const Tensor& r, const Tensor& f, const Targets&) { return r.mean() + log_partition(r, f); },
       [](const Tensor& r, const Tensor& f, double) { return 0.5 * (r.mean() + f.mean()) + log_partition(r, f); }},
  };
}

}  // namespace

const std::vector<Objective>& objectives() {
  static const std::vector<Objective> all = make_objectives();
  return all;
}

const Objective& objective(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& entry : objectives()) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  const auto near = nearest_name(name, names);
  fail(Fault::recipe, "game.objective = \"{}\"; expected one of {}{}", name, fmt::join(names, ", "),
       near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

}  // namespace duet
