#include "duet/score/diversity.h"

#include <cmath>

namespace duet {
namespace {

constexpr int64_t kBlock = 1'000;

/// Sums of each row's distances to all others, float64 [N].
Tensor summed_distances(const Tensor& rows) {
  const auto blocks = rows.split(kBlock);
  const auto sums = torch::zeros({rows.size(0)}, torch::kFloat64);
  for (size_t i = 0; i < blocks.size(); ++i)
    for (size_t j = i; j < blocks.size(); ++j) {
      auto distance = at::cdist(blocks[i], blocks[j]);
      // Computed from products of rows, which leaves a rounding error in the distance of a row to itself.
      if (i == j) distance.fill_diagonal_(0);
      const auto at = [&](size_t block) {
        return sums.narrow(0, static_cast<int64_t>(block) * kBlock, blocks[block].size(0));
      };
      at(i).add_(distance.sum(1));
      if (i != j) at(j).add_(distance.sum(0));
    }
  return sums;
}

/// Without row i its distances are missing, and the mean over the other pairs changes by 2 (m - m_i) / (n-2), m_i being
/// the row's own mean distance.
Estimate mean_distance(const Tensor& rows) {
  const auto n = static_cast<double>(rows.size(0));
  if (n < 2) return {};
  const auto means = summed_distances(rows.to(torch::kFloat64)).div_(n - 1);
  const auto mean = means.mean().item<double>();
  if (n < 3) return {mean, std::nullopt};
  const auto squares = (means - mean).square().sum().item<double>();
  return {mean, std::sqrt((n - 1) / n * squares) * 2 / (n - 2)};
}

}  // namespace

Spread spread_of(const Tensor& rows, const Tensor& classes, int64_t class_count) {
  Spread spread;
  for (int64_t c = 0; c < class_count; ++c) {
    const auto own = classes.defined() ? rows.index_select(0, classes.eq(c).nonzero().flatten()) : rows;
    spread.count.push_back(own.size(0));
    spread.distance.push_back(mean_distance(own));
  }
  return spread;
}

std::optional<Diversity> diversity_of(const Spread& samples, const Spread& real) {
  double total = 0, left_out = 0, value = 0, variance = 0;
  Diversity result;
  for (size_t c = 0; c < samples.count.size(); ++c) {
    const auto &own = samples.distance[c], &other = real.distance[c];
    const auto count = static_cast<double>(samples.count[c]);
    if (std::min(samples.count[c], real.count[c]) < kLeastOfClass || other.value <= 0) {
      left_out += count;
      continue;
    }
    const double ratio = own.value / other.value;
    total += count;
    value += count * ratio;
    variance += std::pow(count / other.value, 2) *
                (std::pow(own.standard_error.value_or(0), 2) + std::pow(ratio * other.standard_error.value_or(0), 2));
    if (result.worst_class < 0 || ratio < result.worst)
      result.worst = ratio, result.worst_class = static_cast<int64_t>(c);
  }
  if (total == 0 || left_out > total) return std::nullopt;
  result.relative = {value / total, std::sqrt(variance) / total};
  return result;
}

}  // namespace duet
