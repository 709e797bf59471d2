#pragma once

#include <cstddef>
#include <vector>

namespace duet {

/// Numbers of several runs, summarised.
struct Summary {
  size_t count = 0;
  double mean = 0;
  double deviation = 0;  ///< standard deviation of a sample (n - 1); 0 for a single number
  double low = 0, high = 0;
};

/// Summarises finite numbers; all zeros without any.
Summary summary_of(const std::vector<double>& values);

/// Two-sided permutation test of whether two groups of numbers have one mean: the share of all ways to divide them into
/// groups of these sizes whose means differ at least as much as the given ones. Exact where there are at most 200,000
/// ways; else by 200,000 random ones from a fixed seed, the given one among them. 1 if a group is empty.
double permutation_p_value(const std::vector<double>& a, const std::vector<double>& b);

/// The smallest value that permutation_p_value can have for groups of these sizes: how much so few runs can say.
double least_p_value(size_t a, size_t b);

}  // namespace duet
