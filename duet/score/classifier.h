#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "duet/core/range.h"
#include "duet/core/torch.h"
#include "duet/data/dataset.h"

namespace duet {

/// Where the training of a classifier stands.
struct ClassifierProgress {
  int64_t seen = 0;     ///< training examples seen
  int64_t total = 0;    ///< examples that will be seen
  double loss = 0;      ///< cross-entropy in nats, mean since the last report
  double accuracy = 0;  ///< share of those seen since the last report that were classified right, under dropout
};

/// How a classifier is trained. The fields above `progress` decide the weights; those below only report.
struct ClassifierOptions {
  /// Training examples seen, whatever the size of the set: the time is known before, and the weights do not depend on
  /// the speed of the machine.
  int64_t examples = 90'000;
  int64_t batch = 128;          ///< examples per Adam step
  double learning_rate = 3e-3;  ///< highest; 5 % warm-up, then a cosine to 0
  double shift = 0.06;          ///< each batch is moved by up to this share of the shorter side; 0 turns it off
  double dropout = 0.3;         ///< of the features while training; 0 turns it off
  int64_t pool = 60'000;        ///< at most this many training examples are held in memory, spread over the set
  uint64_t seed = 0;            ///< of initial weights, order, shifts and dropout
  Range range;                  ///< of float32 examples; uint8 examples need none

  std::function<void(const ClassifierProgress&)> progress;  ///< before reading, then about 50 times; may be empty
  std::function<void(const std::string&)>
      note;  ///< called with a sentence worth showing (a damaged cache); may be empty
};

/// A small convolutional classifier of 8-bit pictures, trained by duet itself on the user's own labelled data: its
/// features are what Frechet and kernel distance compare, its classes what histograms and agreement count.
///
///   stem conv -> 24, pool 2; conv3x3 -> 48, pool 2; conv3x3 -> 64; dense -> 128 = features; dense -> classes
///
/// with ReLU after every layer but the last. Pictures of 64 pixels and more get a stem of stride 2, 4, ... so that the
/// cost stays near that of 32 pixels. Any size from 8x8 on, grey or RGB. All methods run on the CPU, without gradients,
/// in fixed chunks. Threads: may be used by several at once.
class Classifier {
 public:
  static constexpr int64_t kFeatures = 128;

  /// What is needed to rebuild a classifier; `weights` in the order of the layers, weight before bias.
  struct Parts {
    Shape shape;                       ///< of the pictures
    std::vector<std::string> classes;  ///< names in label order
    double mean = 0;                   ///< of the training pixels, 0..255
    double deviation = 1;              ///< of the training pixels
    double feature_scale = 1;          ///< features are multiplied by it: mean square 1 over the training set
    double held_out_accuracy = 0;      ///< share of held-out examples classified right
    std::vector<Tensor> weights;       ///< float32
  };

  explicit Classifier(Parts parts) : parts_(std::move(parts)) {}

  /// Activations before the last layer, float32 [N,128], >= 0, scaled to mean square 1 over the training set so that
  /// distances of differently seeded classifiers are comparable. `bytes` is uint8 [N,C,H,W] of the trained shape;
  /// throws Error(data) naming both shapes where it is not.
  Tensor features(const Tensor& bytes) const;
  /// Unnormalised log-probabilities, float32 [N,classes].
  Tensor logits(const Tensor& bytes) const;
  /// The same from features that are there already, float32 [N,128].
  Tensor logits_of_features(const Tensor& features) const;
  /// Share of pictures whose likeliest class is the label (int64 [N]).
  double accuracy(const Tensor& bytes, const Tensor& labels) const;

  /// Accuracy on the held-out set given to train_classifier (at most 10,000 examples spread over it).
  double held_out_accuracy() const { return parts_.held_out_accuracy; }
  /// First 12 hex digits of a SHA-256 over the weights: two scores are comparable when theirs agree.
  std::string fingerprint() const;
  const Parts& parts() const { return parts_; }

 private:
  Parts parts_;
};

/// Trains a classifier with Adam on cross-entropy. The same sets, options and number of threads give the same weights.
/// 90,000 examples of 28x28 take half a minute on two idle cores. Throws Error(data) when the set has fewer than two
/// classes, is not of pictures of at least 8x8, has no labelled example, or the held-out set does not fit it;
/// Error(diverged) when the loss is not finite.
Classifier train_classifier(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options);

/// Initial weights for pictures of `shape`: normal with variance 2/fan_in (He et al. 2015), biases 0.
std::vector<Tensor> initial_classifier_weights(const Shape& shape, int64_t classes, Generator& generator);

}  // namespace duet
