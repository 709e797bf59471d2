#pragma once

#include <vector>

#include "duet/core/torch.h"
#include "duet/score/kernel_distance.h"

namespace duet {

/// Distribution of samples over the classes of a labelled set, as classified.
struct ClassStatistics {
  std::vector<double> share;  ///< share of the samples by most likely class
  int64_t covered = 0;        ///< classes with at least a share of 0.2/classes of the samples (2 % with 10 classes)
  Estimate confident;         ///< share of samples whose largest softmax is at least 0.9
  Estimate kl;  ///< KL(samples || data) of the histograms, nats; a class without data counts as half an example
};

/// `logits` float [N,K]; `data_count` is the number of examples of each class in the data (K numbers, in any
/// proportion).
ClassStatistics class_statistics(const Tensor& logits, const std::vector<int64_t>& data_count);

/// How often samples are classified as the requested class.
struct Agreement {
  Estimate share;            ///< over all samples
  double worst = 1;          ///< for the class where it is lowest
  int64_t worst_class = -1;  ///< that class
};

/// `logits` float [N,K], `requested` int64 [N] in 0 ... K-1. Throws Error(data) when they do not match.
Agreement label_agreement(const Tensor& logits, const Tensor& requested);

/// Normalised mutual information of two labellings int64 [N] with numbers from 0: 2 I(a; b) / (H(a) + H(b)), in 0..1;
/// 0 where neither varies. Of few samples it is biased upwards, by about (|a| - 1)(|b| - 1) / N / (H(a) + H(b)). Throws
/// Error(data) when they do not match.
double normalised_information(const Tensor& a, const Tensor& b);

/// Distribution of samples over known Gaussian modes with equal sigma and weight (the ring and grid toys).
struct ModeStatistics {
  std::vector<double> share;  ///< of all samples within 3 sigma of each mode (each counts for its nearest mode only)
  int64_t hit = 0;            ///< modes with at least 20 of 2,560 samples within 3 sigma, scaled to N
  Estimate high_quality;      ///< share of samples within 3 sigma of a mode
  Estimate reverse_kl;        ///< KL(modes of high-quality samples || uniform), nats; log(modes) when there is none
  /// KL(samples || truth) over modes + 1 cells. The last cell is for samples outside every mode, where the truth has
  /// the mass of a Gaussian beyond 3 sigma (1.1 % in two dimensions). One number for all three failures - missed modes,
  /// unequal modes, poor samples: 0 is perfect, log 8 is one mode of eight, 4.5 is no sample near a mode. It is the
  /// primary metric of these toys because hit and high_quality saturate, and each can be perfect while the other is
  /// not.
  Estimate divergence;
};

/// `samples` float [N,D], `centres` float [K,D]. Throws Error(data) when they do not match or N is 0.
ModeStatistics mode_statistics(const Tensor& samples, const Tensor& centres, double sigma);

}  // namespace duet
