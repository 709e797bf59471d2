#include "duet/train/theory.h"

#include <cmath>
#include <numbers>

#include "duet/core/draw.h"
#include "duet/core/error.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"
#include "duet/train/training_data.h"

namespace duet {
namespace {

/// Both games: the data are N(0,1), G is affine, so that the density of its samples is known.
constexpr const char* kGame = R"toml(
batch = 512
precision = "fp32"
[data]
spec = "gaussian"
[latent]
size = 1
[game]
kind = "adversarial"
objective = "vanilla"
[network.generator]
kind = "layers"
layers = ["dense(1)"]
[network.discriminator]
kind = "mlp"
widths = [32, 32]
activation = "tanh"
[player.generator]
lr = 2e-3
beta1 = 0.5
[player.discriminator]
lr = 1e-2
beta1 = 0.5
)toml";
constexpr int kAloneRounds = 2000;
/// With a rate that falls to 0, D ends without noise.
constexpr const char* kAlone = R"toml(
[turns]
order = "list"
list = ["discriminator"]
)toml";
constexpr const char* kFalling =
    "player.discriminator.lr={shape = 'cosine', from = 1e-2, to = 0, end = 2000, unit = 'update'}";

/// Phases of the training that Figure 1 shows, by rounds.
constexpr const char* kPhases = R"(
[turns]
unit = "round"
[turns.phase.a_together]
until = 8
[turns.phase.b_discriminator]
until = 708
order = "list"
list = ["discriminator"]
[turns.phase.b_exactly]
until = 1008
order = "list"
list = ["discriminator"]
rate = 0.1
[turns.phase.c_generator]
until = 1208
order = "list"
list = ["generator"]
[turns.phase.d_together]
until = 4000
)";

std::vector<double> numbers(const Tensor& values) {
  const auto flat = values.to(torch::kFloat64).flatten().contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// A game on the line in training.
class Line {
 public:
  Line(const std::string& text, const std::vector<std::string>& overrides, double scale, double shift)
      : recipe_(parse_recipe(text, "theory", overrides, catalogues())),
        data_(open_training_data(recipe_)),
        feeds_(open_feeds(recipe_, data_)),
        trainer_(recipe_, data_.facts, Feeds(feeds_), [](const std::string&) { return torch::zeros({1}); }) {
    Tensor weights = trainer_.weights("generator").values();
    weights.copy_(torch::tensor({static_cast<float>(scale), static_cast<float>(shift)}));
  }

  void rounds(int count) {
    for (int i = 0; i < count; ++i) trainer_.round();
  }
  /// D's logits at [N] points.
  Tensor logits(const Tensor& x) const {
    Pass pass;
    torch::NoGradGuard no_grad;
    return trainer_.networks().at("discriminator")->forward(x.to(torch::kFloat32).view({-1, 1}), {}, pass);
  }
  /// Scale and shift of G.
  std::pair<double, double> generator() const {
    const auto weights = numbers(trainer_.weights("generator").values());
    return {weights[0], weights[1]};
  }
  TheoryPanel panel(const std::string& title) const;

 private:
  Recipe recipe_;
  TrainingData data_;
  std::map<std::string, std::unique_ptr<Feed>> feeds_;
  Trainer trainer_;
};

TheoryPanel Line::panel(const std::string& title) const {
  const auto [scale, shift] = generator();
  TheoryPanel panel;
  panel.title = title;
  panel.x = numbers(torch::linspace(-4, 5, 181, torch::kFloat64));
  panel.d = numbers(logits(torch::tensor(panel.x)).sigmoid());
  for (const double x : panel.x) {
    const double p = normal_density(x, 0, 1), q = normal_density(x, shift, std::abs(scale));
    panel.p.push_back(p);
    panel.q.push_back(q);
    panel.best.push_back(p / (p + q));
  }
  for (double z = -2; z <= 2; z += 0.25) panel.samples.emplace_back(z, scale * z + shift);
  return panel;
}

}  // namespace

double normal_density(double x, double mean, double deviation) {
  const double t = (x - mean) / deviation;
  return std::exp(-t * t / 2) / (deviation * std::sqrt(2 * std::numbers::pi));
}

double twice_jensen_shannon(double shift) {
  // The trapezoidal rule converges exponentially for densities that vanish at both ends.
  constexpr int kSteps = 4000;
  const double low = std::min(0.0, shift) - 12, high = std::max(0.0, shift) + 12, step = (high - low) / kSteps;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double x = low + i * step, p = normal_density(x, 0, 1), q = normal_density(x, shift, 1), middle = (p + q) / 2;
    if (p > 0) sum += p * std::log(p / middle) * step;
    if (q > 0) sum += q * std::log(q / middle) * step;
  }
  return sum;
}

LearnedRatio learn_ratio(double shift, uint64_t seed) {
  Line line(fmt::format("{}{}", kGame, kAlone), {fmt::format("seed={}", seed), kFalling}, 1, shift);
  line.rounds(kAloneRounds);
  LearnedRatio result{.shift = shift, .exact = twice_jensen_shannon(shift)};
  const auto x = torch::linspace(-3, shift + 3, 601, torch::kFloat64);
  const auto best = (shift * shift / 2 - shift * x).sigmoid();  // log p/q of two Gaussians is linear
  result.worst = (line.logits(x).sigmoid() - best).abs().max().item<double>();
  constexpr int64_t kExamples = 100'000;
  auto random = make_generator(seed + 1);
  const auto real = line.logits(torch::randn({kExamples}, random)).to(torch::kFloat64);
  const auto fake = line.logits(torch::randn({kExamples}, random) + shift).to(torch::kFloat64);
  result.mean_real = real.sigmoid().mean().item<double>();
  result.mean_fake = fake.sigmoid().mean().item<double>();
  result.value = (torch::log_sigmoid(real).mean() + torch::log_sigmoid(-fake).mean()).item<double>();
  result.learned = result.value + std::log(4.0);
  return result;
}

std::vector<TheoryPanel> learning_panels(uint64_t seed) {
  Line line(fmt::format("{}{}", kGame, kPhases), {fmt::format("seed={}", seed)}, 0.6, 2);
  std::vector<TheoryPanel> panels;
  line.rounds(8);
  panels.push_back(line.panel("(a) both have begun: D is partly right"));
  line.rounds(1000);
  panels.push_back(line.panel("(b) D alone has learned: D = p / (p + q)"));
  line.rounds(200);
  panels.push_back(line.panel("(c) G alone has followed D's gradient"));
  line.rounds(2792);
  panels.push_back(line.panel("(d) the end: q = p and D = 1/2"));
  return panels;
}

}  // namespace duet
