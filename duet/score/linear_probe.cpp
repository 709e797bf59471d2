#include "duet/score/linear_probe.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "duet/core/random.h"

namespace duet {
namespace {

constexpr int64_t kSteps = 2000, kBatch = 256;
constexpr double kRate = 1e-2, kPenalty = 1e-3;
constexpr uint64_t kBatchStream = 0x70726f6265;

/// Adam (Kingma & Ba 2014) on one tensor.
struct Adam {
  Tensor value, mean = torch::zeros_like(value), square = torch::zeros_like(value);
  void step(const Tensor& gradient, int64_t t, double rate) {
    mean.lerp_(gradient, 0.1), square.lerp_(gradient.square(), 1e-3);
    const double m = 1 - std::pow(0.9, t), s = 1 - std::pow(0.999, t);
    value.sub_(mean / m / ((square / s).sqrt() + 1e-8), rate);
  }
};

}  // namespace

double probe_accuracy(const LabelledRows& train, const LabelledRows& test, int64_t classes) {
  const torch::NoGradGuard no_grad;
  const auto mean = train.rows.mean(0), scale = train.rows.std(0, /*unbiased=*/false).clamp_min(1e-6);
  const auto x = (train.rows - mean) / scale;
  const auto n = x.size(0), batch = std::min(n, kBatch);
  Adam weight{torch::zeros({x.size(1), classes})}, bias{torch::zeros({classes})};
  const auto wanted = torch::one_hot(train.labels, classes).to(torch::kFloat32);
  const auto generator = make_generator(kBatchStream);
  Tensor order;
  int64_t used = n;
  for (int64_t t = 1; t <= kSteps; ++t) {
    if (used + batch > n) order = torch::randperm(n, generator), used = 0;
    const auto picked = order.narrow(0, used, batch);
    used += batch;
    const auto rows = x.index_select(0, picked);
    const auto logits = torch::addmm(bias.value, rows, weight.value);
    const auto slope = (torch::softmax(logits, 1) - wanted.index_select(0, picked)) / static_cast<double>(batch);
    const double share = static_cast<double>(t) / kSteps, rate = kRate * 0.5 * (1 + std::cos(std::numbers::pi * share));
    weight.step(torch::addmm(kPenalty * weight.value, rows.t(), slope), t, rate);
    bias.step(slope.sum(0), t, rate);
  }
  const auto found = torch::addmm(bias.value, (test.rows - mean) / scale, weight.value).argmax(1);
  return found.eq(test.labels).to(torch::kFloat64).mean().item<double>();
}

std::vector<int64_t> balanced_choice(const std::vector<int64_t>& labels, int64_t classes, int64_t count,
                                     uint64_t seed) {
  std::vector<std::vector<int64_t>> of_class(static_cast<size_t>(classes));
  for (size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0 && labels[i] < classes)
      of_class[static_cast<size_t>(labels[i])].push_back(static_cast<int64_t>(i));
  for (size_t c = 0; c < of_class.size(); ++c) {
    auto& places = of_class[c];
    Random random(seed, c);
    for (size_t i = places.size(); i > 1; --i)
      std::swap(places[i - 1], places[static_cast<size_t>(random.below(static_cast<int64_t>(i)))]);
  }
  std::vector<int64_t> chosen;
  for (size_t round = 0; static_cast<int64_t>(chosen.size()) < count; ++round) {
    const auto before = chosen.size();
    for (const auto& places : of_class)
      if (round < places.size() && static_cast<int64_t>(chosen.size()) < count) chosen.push_back(places[round]);
    if (chosen.size() == before) break;
  }
  return chosen;
}

}  // namespace duet
