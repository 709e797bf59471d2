#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "duet/core/shape.h"

namespace duet {

/// Centres and common standard deviation of a mixture of Gaussians with equal weights; the label of an example is the
/// index of its mode.
struct Modes {
  std::vector<std::vector<double>> centres;  ///< in data coordinates
  double sigma = 0;                          ///< in every direction
};

/// Ground truth of the mixtures; none for other names:
/// - "ring": 8 modes on a circle of radius 2, sigma 0.02 (Metz et al. 2017, arXiv:1611.02163)
/// - "grid": 25 modes at {-4,-2,0,2,4}^2, sigma 0.05 (Lin et al. 2018, arXiv:1712.04086)
/// - "gaussians1d": 3 modes on the line at -4, 0, 4, sigma 0.5
std::optional<Modes> modes_of(const std::string& name);

/// A set of vectors or tiny pictures that is drawn from a formula.
struct Toy {
  /// Draws example `index` of the set with this seed: float32 for vectors, uint8 for "bars".
  using Draw = void (*)(uint64_t seed, int64_t index, void* out);
  /// Class of example `index`.
  using Label = int64_t (*)(uint64_t seed, int64_t index);

  std::string name;
  Shape shape;
  Draw draw = nullptr;
  Label label = nullptr;  ///< null when there are no classes
  std::vector<std::string> classes;
};

/// Side of a bars picture.
inline constexpr int64_t kBarsSide = 8;

/// The toys by name:
/// - "ring", "grid", "gaussians1d": see modes_of
/// - "swissroll": 2-D, a spiral of one and a half turns from 1.5 pi to 4.5 pi, divided by 5 (radius 0.94 to 2.83),
///   noise 0.02; no classes (the plane of Marsland 2009's roll)
/// - "moons": 2-D, two interlocking half circles of radius 1, noise 0.05; the class is the moon
/// - "gaussian": one number of N(0, 1); no classes
/// - "bars": uint8 1x8x8; each of the 8 rows and 8 columns is a bar (255) with probability 1/8, at least one is; no
///   classes (after Foldiak 1990's bars problem)
/// - "nothing": the number 0, for games that need no data; no classes
/// - "topics": see TopicsTruth
std::vector<Toy> toys();

/// The ground truth of "topics", the same for every seed: a stand-in for pictures with several valid words each (Mirza
/// and Osindero 2014, arXiv:1411.1784, section 4.2). An example is 48 float32: first the feature of an image, the
/// topic's centre plus Gaussian noise, then the vector of one tag of its topic, all equally likely. A topic's tags are
/// in kSenses groups of similar tags, so the answer to an image has several modes; they are nearer to each other
/// (cosine) than to any other topic's tags. No tag belongs to two topics.
struct TopicsTruth {
  static constexpr int64_t kTopics = 10;
  static constexpr int64_t kFeatureSize = 32;   ///< columns 0 ... 31 of an example
  static constexpr int64_t kTagSize = 16;       ///< columns 32 ... 47
  static constexpr int64_t kSenses = 4;         ///< groups of similar tags within a topic
  static constexpr int64_t kTagsPerTopic = 20;  ///< 5 per sense
  static constexpr double kFeatureSigma = 0.5;  ///< of the noise about a topic's centre

  std::vector<std::vector<float>> centres;  ///< [kTopics][kFeatureSize]
  std::vector<std::vector<float>> tags;     ///< the vocabulary: [kTopics * kTagsPerTopic][kTagSize], of length 1
  std::vector<std::vector<int64_t>> valid;  ///< tags (indices) of each topic
  std::vector<int64_t> sense;               ///< group of each tag within its topic, 0 ... kSenses-1
};

/// The truth of "topics".
const TopicsTruth& topics_truth();

}  // namespace duet
