#include "duet/score/modes.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"

namespace duet {
namespace {

/// Binomial standard error of a share p of n.
Estimate share_estimate(double p, double n) { return {p, std::sqrt(std::max(0.0, p * (1 - p)) / n)}; }

/// KL(p || q) with the standard error of its first-order expansion, where p is a histogram of n samples.
Estimate kl_divergence(const std::vector<double>& p, const std::vector<double>& q, double n) {
  double kl = 0, square = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i] <= 0) continue;
    const double ratio = std::log(p[i] / q[i]);
    kl += p[i] * ratio;
    square += p[i] * ratio * ratio;
  }
  return {kl, std::sqrt(std::max(0.0, square - kl * kl) / n)};
}

std::vector<double> count_cells(const Tensor& indices, int64_t cells) {
  const auto counts = at::bincount(indices, {}, cells).to(torch::kFloat64).contiguous();
  const auto* first = counts.data_ptr<double>();
  return {first, first + counts.numel()};
}

void divide(std::vector<double>& values, double by) {
  for (double& value : values) value /= by;
}

}  // namespace

ClassStatistics class_statistics(const Tensor& logits, const std::vector<int64_t>& data_count) {
  const auto n = static_cast<double>(logits.size(0)), classes = static_cast<double>(logits.size(1));
  const auto [top, likeliest] = logits.to(torch::kFloat64).softmax(1).max(1);
  ClassStatistics result;
  result.share = count_cells(likeliest, logits.size(1));
  divide(result.share, n);
  for (const double share : result.share) result.covered += share >= 0.2 / classes;
  result.confident = share_estimate(top.ge(0.9).to(torch::kFloat64).mean().item<double>(), n);
  std::vector<double> data;
  double total = 0;
  for (const auto count : data_count) total += data.emplace_back(std::max(0.5, static_cast<double>(count)));
  divide(data, total);
  result.kl = kl_divergence(result.share, data, n);
  return result;
}

Agreement label_agreement(const Tensor& logits, const Tensor& requested) {
  const int64_t classes = logits.size(1);
  if (requested.dim() != 1 || requested.size(0) != logits.size(0) || requested.scalar_type() != torch::kInt64)
    fail(Fault::data, "label_agreement: {} labels of shape [{}] for {} samples; one int64 label for each is needed",
         c10::toString(requested.scalar_type()), fmt::join(requested.sizes(), ","), logits.size(0));
  if (requested.lt(0).logical_or(requested.ge(classes)).any().item<bool>())
    fail(Fault::data, "label_agreement: requested labels go from {} to {}; the classifier knows 0 to {}",
         requested.min().item<int64_t>(), requested.max().item<int64_t>(), classes - 1);
  const auto right = logits.argmax(1).eq(requested);
  const auto asked = count_cells(requested, classes), met = count_cells(requested.masked_select(right), classes);
  Agreement result;
  result.share = share_estimate(right.to(torch::kFloat64).mean().item<double>(), static_cast<double>(logits.size(0)));
  for (size_t c = 0; c < asked.size(); ++c) {
    if (asked[c] == 0) continue;
    const double share = met[c] / asked[c];
    if (result.worst_class < 0 || share < result.worst)
      result.worst = share, result.worst_class = static_cast<int64_t>(c);
  }
  return result;
}

double normalised_information(const Tensor& a, const Tensor& b) {
  if (a.dim() != 1 || a.sizes() != b.sizes() || a.size(0) == 0)
    fail(Fault::data, "normalised_information: labels [{}] and [{}]; expected equally many, at least one",
         fmt::join(a.sizes(), ","), fmt::join(b.sizes(), ","));
  const auto entropy = [n = static_cast<double>(a.size(0))](const Tensor& labels) {
    double sum = 0;
    for (const double count : count_cells(labels, labels.max().item<int64_t>() + 1))
      if (count > 0) sum -= count / n * std::log(count / n);
    return sum;
  };
  const double of_a = entropy(a), of_b = entropy(b), together = entropy(a * (b.max().item<int64_t>() + 1) + b);
  if (of_a + of_b <= 0) return 0;
  return std::clamp(2 * (of_a + of_b - together) / (of_a + of_b), 0.0, 1.0);
}

ModeStatistics mode_statistics(const Tensor& samples, const Tensor& centres, double sigma) {
  if (samples.dim() != 2 || centres.dim() != 2 || samples.size(0) == 0 || samples.size(1) != centres.size(1))
    fail(Fault::data, "mode_statistics: samples [{}] against modes [{}]; both must be rows of one dimension",
         fmt::join(samples.sizes(), ","), fmt::join(centres.sizes(), ","));
  const auto n = static_cast<double>(samples.size(0));
  const int64_t modes = centres.size(0);
  const auto [distance, nearest] = at::cdist(samples.to(torch::kFloat64), centres.to(torch::kFloat64)).min(1);
  const auto cell = at::where(distance.le(3 * sigma), nearest, at::full_like(nearest, modes));
  auto cells = count_cells(cell, modes + 1);
  const double near = n - cells.back();
  ModeStatistics result;
  for (int64_t k = 0; k < modes; ++k) result.hit += cells[static_cast<size_t>(k)] >= std::max(1.0, 20.0 / 2'560.0 * n);

  // x|^2 / sigma^2 of a Gaussian in D dimensions is chi-squared: the mass within 3 sigma is P(D/2, 9/2).
  const auto half_dimension = at::scalar_tensor(static_cast<double>(samples.size(1)) / 2, torch::kFloat64);
  const double inside = at::special_gammainc(half_dimension, at::scalar_tensor(4.5, torch::kFloat64)).item<double>();
  std::vector<double> truth(static_cast<size_t>(modes), inside / static_cast<double>(modes));
  truth.push_back(1 - inside);
  divide(cells, n);
  result.divergence = kl_divergence(cells, truth, n);

  cells.pop_back();
  result.share = cells;
  result.high_quality = share_estimate(near / n, n);
  divide(cells, std::max(near / n, 1 / n));
  const std::vector<double> uniform(static_cast<size_t>(modes), 1 / static_cast<double>(modes));
  result.reverse_kl = near > 0 ? kl_divergence(cells, uniform, near) : Estimate{std::log(modes), std::nullopt};
  return result;
}

}  // namespace duet
