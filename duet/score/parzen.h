#pragma once

#include <functional>
#include <string>
#include <vector>

#include "duet/score/kernel_distance.h"

namespace duet {

/// Log-likelihood of unseen examples under a Parzen window of samples: the measure of the first GAN papers (Breuleux et
/// al. 2011; Goodfellow et al. 2014, arXiv:1406.2661), kept to compare with them. It is unreliable in many dimensions,
/// where it can prefer centroids of k-means to the data themselves (Theis et al. 2016, arXiv:1511.01844); so it comes
/// with the score of training examples and of such centroids.

/// log(1/M sum_j N(x; y_j, sigma^2)) at each of `points` [N,D], where y_j are the `centres` [M,D]; float64 [N],
/// computed in double, some points at a time.
Tensor parzen_log_density(const Tensor& points, const Tensor& centres, double sigma);

/// The largest value that a density of D numbers can have anywhere: -D log(sigma sqrt(2 pi)).
double parzen_ceiling(int64_t numbers, double sigma);

/// The same density of a growing number of samples, which need not be kept: a running log-mean-exp.
class StreamingParzen {
 public:
  /// `points` [N,D].
  StreamingParzen(const Tensor& points, double sigma);
  /// More samples [M,D].
  void add(const Tensor& centres);
  int64_t count() const { return count_; }
  /// float64 [N], of all samples so far, of which there must be some.
  Tensor log_density() const;
  /// Mean over the points, with the standard error that comes from the samples: of the delete-a-group jackknife over
  /// ten groups of them; none before each group has a sample.
  Estimate mean() const;

 private:
  struct Group {
    Tensor log_sum;  ///< float64 [N]: log of the sum over its samples
    int64_t count = 0;
  };
  Tensor points_;
  double sigma_;
  std::vector<Group> groups_;
  int64_t count_ = 0;
};

/// A window's width, chosen on examples.
struct ParzenWidth {
  double sigma = 0;
  double mean = 0;             ///< log-likelihood of the examples that chose it
  double first = 0, last = 0;  ///< the grid that it is from
  bool widened = false;        ///< the best of the protocol's grid, 0.1 ... 1, was at its edge
};

/// The sigma of the grid 10^-1, 10^-8/9, ..., 10^0 with the largest mean log-density of `choosing` [N,D]. If it is the
/// first or the last, the grid goes on in that direction by as many steps, at most thrice.
ParzenWidth choose_width(const Tensor& choosing, const Tensor& centres);

/// Mean log-likelihood of `testing`; the standard error is that of the mean over them, deviation / sqrt(N).
Estimate parzen_score(const Tensor& testing, const Tensor& centres, double sigma);

/// The same over folds: each fold's examples [N,D] are scored with the sigma that the other folds choose, and the
/// standard error is that over the folds' means (as for the TFD in arXiv:1406.2661). Throws Error(data) below 2 folds.
Estimate parzen_over_folds(const std::vector<Tensor>& folds, const Tensor& centres);

/// Centroids of k-means [k,D] (Lloyd 1982), from k of the rows [N,D] by `seed`, in `rounds` rounds; a centroid without
/// rows stays where it is.
Tensor k_means(const Tensor& rows, int64_t k, int64_t rounds, uint64_t seed);

}  // namespace duet
