#pragma once

#include "duet/core/range.h"
#include "duet/score/classifier.h"
#include "duet/score/kernel_distance.h"
#include "duet/score/report.h"

namespace duet {

/// The mean of a number of each example [N], and its standard error: none of fewer than 2.
Estimate mean_of(const Tensor& numbers);

/// What a game makes of examples anew: "reconstruction", the mean square of the differences per number; and, with a
/// classifier, "identity", the share that it takes for the example's class.
struct Reconstructions {
  Tensor originals, made;  ///< float32 [N,C,H,W], pictures in `range`
  Tensor labels;           ///< int64 [N], classes of the originals; undefined without
  Range range;
};
std::vector<Metric> reconstruction_metrics(const Reconstructions& all, const Classifier* classifier,
                                           const std::string& note);

/// How far codes [N,F] are from numbers drawn from their prior [M,F], M >= 2 N: "code_mean", the largest distance of a
/// number's mean from the prior's, in deviations of the prior; "code_deviation_least" and "code_deviation_most", its
/// deviation in such units; "code_distance", the energy distance from N of them, and "code_distance_chance", which of
/// 100 times N numbers of the prior against N others 95 are below.
std::vector<Metric> code_metrics(const Tensor& codes, const Tensor& prior, const std::string& note);

}  // namespace duet
