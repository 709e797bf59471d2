#pragma once

#include "duet/core/torch.h"

namespace duet {

/// A fixed convolutional network with random weights, for unlabelled pictures: its features compare sets of pictures
/// without any training (Naeem et al. 2020, arXiv:2002.09797, section 4, found random networks suitable for
/// evaluation).
///
/// Layers of conv3x3, stride 2, ReLU with 16, 32, 48, 48, ... channels, until the shorter side is at most 4. Weights
/// are normal, from `seed`; every channel is then scaled to mean 0 and deviation 1 before its ReLU over the sample
/// given to the constructor. Features are the channel means of every layer but the last, and the last layer averaged to
/// a 2x2 grid. Threads: may be used by several at once.
class RandomFeatures {
 public:
  /// `sample` is uint8 [N,C,H,W], N >= 2, at least 8x8; a few hundred real pictures. Throws Error(data) otherwise.
  RandomFeatures(const Tensor& sample, uint64_t seed);
  /// uint8 [N,C,H,W] -> float32 [N,D].
  Tensor of(const Tensor& bytes) const;

 private:
  std::vector<Tensor> weights_;  ///< weight, bias, weight, bias ...
};

}  // namespace duet
