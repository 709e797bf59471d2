#include "duet/score/measured.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "duet/core/random.h"
#include "duet/data/tensors.h"

namespace duet {
namespace {

constexpr int64_t kChances = 100;
/// The distances between all pairs of twice as many rows are held in memory.
constexpr int64_t kMostCodes = 1'000;

/// The 95 % quantile of the unbiased energy distance of one half of `rows` from the other, over random halves: what two
/// sets from one distribution reach by chance.
double chance_of(const Tensor& rows) {
  const auto count = rows.size(0), n = count / 2;
  auto first = torch::zeros({count, kChances}, torch::kFloat64);  // 1 for the rows of the first half
  for (int64_t i = 0; i < kChances; ++i) {
    const auto order = torch::tensor(permutation(count, Random(7, static_cast<uint64_t>(i))));
    first.select(1, i).index_fill_(0, order.narrow(0, 0, n), 1);
  }
  const auto between = torch::cdist(rows, rows);
  const auto sums = between.matmul(first);
  const auto within = (first * sums).sum(0), across = ((1 - first) * sums).sum(0);
  const auto within_other = between.sum() - within - 2 * across;
  const auto size = static_cast<double>(n);
  const auto distance = 2 * across / (size * size) - (within + within_other) / (size * (size - 1));
  return std::get<0>(distance.sort())[kChances * 95 / 100 - 1].item<double>();
}

}  // namespace

Estimate mean_of(const Tensor& numbers) {
  const auto all = numbers.to(torch::kCPU, torch::kFloat64);
  Estimate estimate{all.mean().item<double>(), std::nullopt};
  if (all.size(0) > 1) estimate.standard_error = all.std().item<double>() / std::sqrt(static_cast<double>(all.size(0)));
  return estimate;
}

std::vector<Metric> reconstruction_metrics(const Reconstructions& all, const Classifier* classifier,
                                           const std::string& note) {
  const auto distance = mean_of((all.made - all.originals).flatten(1).to(torch::kFloat64).square().mean(1));
  std::vector<Metric> metrics{{"reconstruction", distance.value, distance.standard_error, "lower", note}};
  if (classifier && all.labels.defined()) {
    const auto found = classifier->logits(to_bytes(all.made, all.range)).argmax(1);
    const auto kept = mean_of(found == all.labels);
    metrics.push_back({"identity", kept.value, kept.standard_error, "higher",
                       "share of these reconstructions that are classified as what they are of"});
  }
  return metrics;
}

std::vector<Metric> code_metrics(const Tensor& codes, const Tensor& prior, const std::string& note) {
  const auto x = codes.to(torch::kCPU, torch::kFloat64), y = prior.to(torch::kFloat64);
  const auto spread = y.std(0).clamp_min(1e-12);
  const auto off = ((x.mean(0) - y.mean(0)) / spread).abs(), deviation = x.std(0) / spread;
  const auto n = std::min(x.size(0), kMostCodes);
  const auto distance = kernel_distance(x.narrow(0, 0, n), y.narrow(0, 0, n), Kernel::energy);
  return {{"code_mean", off.max().item<double>(), std::nullopt, "lower",
           "of the number in the code that is farthest off, in the prior's deviations; " + note},
          {"code_deviation_least", deviation.min().item<double>(), std::nullopt, "",
           "of the code's numbers, relative to the prior's: 1 if they match"},
          {"code_deviation_most", deviation.max().item<double>(), std::nullopt, "", ""},
          {"code_distance", distance.value, distance.standard_error, "lower",
           fmt::format("energy distance of {} codes from as many numbers of the prior", n)},
          {"code_distance_chance", chance_of(y.narrow(0, 0, 2 * n)), std::nullopt, "",
           "95 % of comparisons of the prior with itself are below"}};
}

}  // namespace duet
