#include "duet/score/kernel_distance.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/random.h"

namespace duet {
namespace {

constexpr int64_t kBlock = 1'000;
constexpr int64_t kLeastBlocks = 10;
/// With fewer rows the spread over blocks is meaningless.
constexpr int64_t kLeastRows = 40;

/// Rows in random order, divided into blocks: samples may be sorted by class, and blocks must be similar.
std::vector<Tensor> blocks_of(const Tensor& rows) {
  if (rows.dim() != 2 || rows.size(0) < 2)
    fail(Fault::data,
         "kernel_distance: given rows of shape [{}]; at least two rows [N,D] are needed: score more samples",
         fmt::join(rows.sizes(), ","));
  const int64_t n = rows.size(0), count = n < kLeastRows ? 1 : std::max(kLeastBlocks, n / kBlock);
  const auto drawn = rows.index_select(0, torch::tensor(permutation(n, Random(0, 4)))).to(torch::kFloat64);
  std::vector<Tensor> blocks;
  for (int64_t i = 0; i < count; ++i) blocks.push_back(drawn.slice(0, i * n / count, (i + 1) * n / count));
  return blocks;
}

Tensor gram(const Tensor& a, const Tensor& b, Kernel kernel) {
  if (kernel == Kernel::energy) return at::cdist(a, b).neg_();
  return a.mm(b.t()).div_(static_cast<double>(a.size(1))).add_(1).pow_(3);
}

/// Sums of the kernel over pairs of rows, by block of one set.
struct Sums {
  double total = 0;
  std::vector<double> lost;  ///< the part of `total` that is lost without a block
};

/// Ordered pairs of different rows of one set.
Sums sums_within(const std::vector<Tensor>& blocks, Kernel kernel) {
  Sums sums{0, std::vector<double>(blocks.size(), 0)};
  for (size_t i = 0; i < blocks.size(); ++i)
    for (size_t j = i; j < blocks.size(); ++j) {
      const auto k = gram(blocks[i], blocks[j], kernel);
      const double sum = i == j ? (k.sum() - k.trace()).item<double>() : 2 * k.sum().item<double>();
      sums.total += sum;
      sums.lost[i] += sum;
      if (j != i) sums.lost[j] += sum;
    }
  return sums;
}

/// The distance without each block of the set `own`; the other set contributes a constant.
std::vector<double> left_out(const std::vector<Tensor>& blocks, const Sums& own, double others, const Sums& across,
                             double n, double m) {
  std::vector<double> values;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const double rest = n - static_cast<double>(blocks[i].size(0));
    values.push_back((own.total - own.lost[i]) / (rest * (rest - 1)) + others -
                     2 * (across.total - across.lost[i]) / (rest * m));
  }
  return values;
}

double jackknife_variance(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0, sum = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum * (n - 1) / n;
}

}  // namespace

Estimate kernel_distance(const Tensor& x, const Tensor& y, Kernel kernel) {
  const auto x_blocks = blocks_of(x), y_blocks = blocks_of(y);
  const auto n = static_cast<double>(x.size(0)), m = static_cast<double>(y.size(0));
  const auto xx = sums_within(x_blocks, kernel), yy = sums_within(y_blocks, kernel);
  Sums xy{0, std::vector<double>(x_blocks.size(), 0)}, yx{0, std::vector<double>(y_blocks.size(), 0)};
  for (size_t i = 0; i < x_blocks.size(); ++i)
    for (size_t j = 0; j < y_blocks.size(); ++j) {
      const double sum = gram(x_blocks[i], y_blocks[j], kernel).sum().item<double>();
      xy.total += sum, xy.lost[i] += sum;
      yx.total += sum, yx.lost[j] += sum;
    }
  const double x_mean = xx.total / (n * (n - 1)), y_mean = yy.total / (m * (m - 1));
  const double value = x_mean + y_mean - 2 * xy.total / (n * m);
  if (x_blocks.size() < 2 || y_blocks.size() < 2) return {value, std::nullopt};
  return {value, std::sqrt(jackknife_variance(left_out(x_blocks, xx, y_mean, xy, n, m)) +
                           jackknife_variance(left_out(y_blocks, yy, x_mean, yx, m, n)))};
}

}  // namespace duet
