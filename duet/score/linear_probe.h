#pragma once

#include "duet/core/torch.h"

namespace duet {

/// Feature rows float32 [N,F] with the classes int64 [N] of their examples.
struct LabelledRows {
  Tensor rows, labels;
};

/// The share of `test` that a linear classifier of `train` gets right: logistic regression of the features, each
/// standardised by the training rows, trained by Adam with an L2 penalty (the way of judging learned features: Radford
/// et al. 2015, arXiv:1511.06434, section 5). Always the same for the same input.
double probe_accuracy(const LabelledRows& train, const LabelledRows& test, int64_t classes);

/// `count` of the places 0 ... labels.size() - 1, as many of each class as there are, chosen by the seed; all if there
/// are not more. Classes alternate, so that the first of them are as balanced.
std::vector<int64_t> balanced_choice(const std::vector<int64_t>& labels, int64_t classes, int64_t count, uint64_t seed);

}  // namespace duet
