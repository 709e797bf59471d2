#include "duet/core/statistics.h"

#include <algorithm>
#include <cmath>

#include "duet/core/random.h"

namespace duet {
namespace {

constexpr double kMostWays = 200'000;

/// Number of ways to choose `k` of `n`.
double ways(size_t n, size_t k) {
  double result = 1;
  for (size_t i = 1; i <= k; ++i) result *= static_cast<double>(n - k + i) / static_cast<double>(i);
  return std::round(result);
}

/// The difference of means where a group of `count` of all numbers has this sum.
struct Difference {
  double total;
  double count, others;
  double operator()(double sum) const { return std::abs(sum / count - (total - sum) / others); }
};

/// Calls `visit` with the sum of every subset of `count` numbers.
template <class Visit>
void every_sum(const std::vector<double>& all, size_t count, const Visit& visit) {
  std::vector<size_t> chosen(count);
  for (size_t i = 0; i < count; ++i) chosen[i] = i;
  while (true) {
    double sum = 0;
    for (const size_t index : chosen) sum += all[index];
    visit(sum);
    size_t at = count;
    while (at > 0 && chosen[at - 1] == all.size() - count + at - 1) --at;
    if (at == 0) return;
    ++chosen[at - 1];
    for (size_t i = at; i < count; ++i) chosen[i] = chosen[i - 1] + 1;
  }
}

/// Calls `visit` with the sums of random subsets of `count` numbers.
template <class Visit>
void random_sums(std::vector<double> all, size_t count, const Visit& visit) {
  Random random(1, 0, 0);
  for (double done = 1; done < kMostWays; ++done) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto step = random.below(static_cast<int64_t>(all.size() - i));
      std::swap(all[i], all[i + static_cast<size_t>(step)]);
      sum += all[i];
    }
    visit(sum);
  }
}

}  // namespace

Summary summary_of(const std::vector<double>& values) {
  Summary result;
  result.count = values.size();
  if (values.empty()) return result;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / n;
  double square = 0;
  for (const double value : values) square += (value - result.mean) * (value - result.mean);
  if (values.size() > 1) result.deviation = std::sqrt(square / (n - 1));
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  result.low = *low;
  result.high = *high;
  return result;
}

double permutation_p_value(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || b.empty()) return 1;
  auto all = a;
  all.insert(all.end(), b.begin(), b.end());
  double total = 0, sum = 0;
  for (const double value : all) total += value;
  for (const double value : a) sum += value;
  const Difference difference{total, static_cast<double>(a.size()), static_cast<double>(b.size())};
  // Sums of the same numbers in another order differ by rounding.
  const double given = difference(sum) * (1 - 1e-9);
  const bool exact = ways(all.size(), a.size()) <= kMostWays;
  double tried = exact ? 0 : 1, as_far = tried;
  const auto visit = [&](double other) {
    ++tried;
    as_far += difference(other) >= given;
  };
  exact ? every_sum(all, a.size(), visit) : random_sums(all, a.size(), visit);
  return as_far / tried;
}

double least_p_value(size_t a, size_t b) {
  if (a == 0 || b == 0) return 1;
  const double count = ways(a + b, a);
  // Exchanging groups of one size gives the same difference.
  return count <= kMostWays ? (a == b ? 2 : 1) / count : 1 / kMostWays;
}

}  // namespace duet
