#include "duet/score/parzen.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "duet/core/error.h"
#include "duet/core/random.h"

namespace duet {
namespace {

constexpr int64_t kAtOnce = 250;  // points, whose distances to 10,000 centres are 20 MB
constexpr int64_t kSteps = 9;     // of a decade
constexpr int64_t kMostWidenings = 3;
constexpr size_t kGroups = 10;

/// Squared distances [n,M] of some points to centres, both around the same origin: products of small numbers lose
/// little.
class Distances {
 public:
  explicit Distances(const Tensor& centres)
      : origin_(centres.to(torch::kFloat64).mean(0)),
        centres_(centres.to(torch::kFloat64) - origin_),
        squares_(centres_.square().sum(1)) {}
  Tensor of(const Tensor& points) const {
    const auto x = points.to(torch::kFloat64) - origin_;
    return x.mm(centres_.t()).mul_(-2).add_(squares_).add_(x.square().sum(1, true)).clamp_min_(0);
  }

 private:
  Tensor origin_, centres_, squares_;
};

void check_rows(const Tensor& points, const Tensor& centres) {
  if (points.dim() == 2 && centres.dim() == 2 && points.size(1) == centres.size(1) && points.size(0) > 0 &&
      centres.size(0) > 0)
    return;
  fail(Fault::data, "parzen: points [{}] and centres [{}]; expected rows of one dimension, at least one of each",
       fmt::join(points.sizes(), ","), fmt::join(centres.sizes(), ","));
}

/// log of the sum over centres of exp(-d^2 / 2 sigma^2), [n].
Tensor log_sums(const Tensor& distances, double sigma) { return (distances * (-0.5 / (sigma * sigma))).logsumexp(1); }

void for_some_points(const Tensor& points, const std::function<void(const Tensor&)>& f) {
  for (int64_t first = 0; first < points.size(0); first += kAtOnce)
    f(points.narrow(0, first, std::min(kAtOnce, points.size(0) - first)));
}

/// The widths 10^(i/9) for i in [first, last].
std::vector<double> widths(int64_t first, int64_t last) {
  std::vector<double> all;
  for (auto i = first; i <= last; ++i) all.push_back(std::pow(10.0, static_cast<double>(i) / kSteps));
  return all;
}

/// Mean log-density of the points for each width.
std::vector<double> means_of(const Tensor& points, const Tensor& centres, const std::vector<double>& sigmas) {
  const Distances distances(centres);
  std::vector<double> means(sigmas.size(), 0);
  for_some_points(points, [&](const Tensor& some) {
    const auto squares = distances.of(some);
    for (size_t i = 0; i < sigmas.size(); ++i) means[i] += log_sums(squares, sigmas[i]).sum().item<double>();
  });
  for (size_t i = 0; i < sigmas.size(); ++i)
    means[i] = means[i] / static_cast<double>(points.size(0)) - std::log(static_cast<double>(centres.size(0))) +
               parzen_ceiling(points.size(1), sigmas[i]);
  return means;
}

}  // namespace

double parzen_ceiling(int64_t numbers, double sigma) {
  return -static_cast<double>(numbers) * std::log(sigma * std::sqrt(2 * std::numbers::pi));
}

Tensor parzen_log_density(const Tensor& points, const Tensor& centres, double sigma) {
  check_rows(points, centres);
  const Distances distances(centres);
  std::vector<Tensor> parts;
  for_some_points(points, [&](const Tensor& some) { parts.push_back(log_sums(distances.of(some), sigma)); });
  return torch::cat(parts)
      .sub_(std::log(static_cast<double>(centres.size(0))))
      .add_(parzen_ceiling(points.size(1), sigma));
}

StreamingParzen::StreamingParzen(const Tensor& points, double sigma)
    : points_(points.to(torch::kFloat64)), sigma_(sigma), groups_(kGroups) {}

void StreamingParzen::add(const Tensor& centres) {
  const auto added = centres.size(0);
  for (size_t g = 0; g < kGroups; ++g) {
    // Sample number i belongs to group i % 10, however they come.
    const auto ahead = static_cast<int64_t>(kGroups) - count_ % static_cast<int64_t>(kGroups);
    const auto first = (static_cast<int64_t>(g) + ahead) % static_cast<int64_t>(kGroups);
    if (first >= added) continue;
    const auto own = centres.slice(0, first, added, static_cast<int64_t>(kGroups));
    auto& group = groups_[g];
    const auto log_sum = parzen_log_density(points_, own, sigma_) + std::log(static_cast<double>(own.size(0)));
    group.log_sum = group.count == 0 ? log_sum : torch::logaddexp(group.log_sum, log_sum);
    group.count += own.size(0);
  }
  count_ += added;
}

Tensor StreamingParzen::log_density() const {
  std::vector<Tensor> sums;
  for (const auto& group : groups_)
    if (group.count > 0) sums.push_back(group.log_sum);
  if (sums.empty()) fail(Fault::internal, "parzen: a density of no samples was asked for");
  return torch::stack(sums).logsumexp(0) - std::log(static_cast<double>(count_));
}

Estimate StreamingParzen::mean() const {
  Estimate estimate{log_density().mean().item<double>(), std::nullopt};
  if (count_ < static_cast<int64_t>(kGroups)) return estimate;
  std::vector<double> without;
  for (size_t left = 0; left < kGroups; ++left) {
    std::vector<Tensor> sums;
    for (size_t g = 0; g < kGroups; ++g)
      if (g != left) sums.push_back(groups_[g].log_sum);
    const auto rest = static_cast<double>(count_ - groups_[left].count);
    without.push_back(torch::stack(sums).logsumexp(0).mean().item<double>() - std::log(rest));
  }
  double mean = 0, square = 0;
  for (const double value : without) mean += value / kGroups;
  for (const double value : without) square += (value - mean) * (value - mean);
  estimate.standard_error = std::sqrt(square * (kGroups - 1) / kGroups);
  return estimate;
}

ParzenWidth choose_width(const Tensor& choosing, const Tensor& centres) {
  check_rows(choosing, centres);
  int64_t first = -kSteps, last = 0;
  ParzenWidth best;
  for (int64_t widenings = 0;; ++widenings) {
    const auto sigmas = widths(first, last);
    const auto means = means_of(choosing, centres, sigmas);
    const auto at = static_cast<size_t>(std::max_element(means.begin(), means.end()) - means.begin());
    best = {sigmas[at], means[at], sigmas.front(), sigmas.back(), widenings > 0};
    const bool low = at == 0, high = at + 1 == sigmas.size();
    if ((!low && !high) || widenings == kMostWidenings) return best;
    if (low) first -= kSteps;
    if (high) last += kSteps;
  }
}

Estimate parzen_score(const Tensor& testing, const Tensor& centres, double sigma) {
  const auto each = parzen_log_density(testing, centres, sigma);
  const auto deviation = (each - each.mean()).square().mean().sqrt().item<double>();
  return {each.mean().item<double>(), deviation / std::sqrt(static_cast<double>(each.size(0)))};
}

Estimate parzen_over_folds(const std::vector<Tensor>& folds, const Tensor& centres) {
  if (folds.size() < 2) fail(Fault::data, "parzen: {} folds; expected at least 2", folds.size());
  std::vector<double> means;
  for (size_t fold = 0; fold < folds.size(); ++fold) {
    std::vector<Tensor> others;
    for (size_t i = 0; i < folds.size(); ++i)
      if (i != fold) others.push_back(folds[i]);
    const auto width = choose_width(torch::cat(others), centres);
    means.push_back(parzen_score(folds[fold], centres, width.sigma).value);
  }
  const auto all = torch::tensor(means, torch::kFloat64);
  const auto deviation = (all - all.mean()).square().mean().sqrt().item<double>();
  return {all.mean().item<double>(), deviation / std::sqrt(static_cast<double>(means.size()))};
}

Tensor k_means(const Tensor& rows, int64_t k, int64_t rounds, uint64_t seed) {
  auto order = permutation(rows.size(0), Random(seed, 8));
  order.resize(static_cast<size_t>(std::min(k, rows.size(0))));
  const auto x = rows.to(torch::kFloat32);
  auto centroids = x.index_select(0, torch::tensor(order));
  for (int64_t round = 0; round < rounds; ++round) {
    // |x|^2 is the same for all centroids.
    const auto nearest = x.mm(centroids.t()).mul_(-2).add_(centroids.square().sum(1)).argmin(1);
    const auto count = torch::bincount(nearest, {}, centroids.size(0)).to(torch::kFloat32).unsqueeze(1);
    const auto sums = torch::zeros_like(centroids).index_add_(0, nearest, x);
    centroids = torch::where(count > 0, sums / count.clamp_min(1), centroids);
  }
  return centroids;
}

}  // namespace duet
