#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "duet/core/range.h"
#include "duet/core/torch.h"
#include "duet/data/dataset.h"

namespace duet {

/// Progress of a classifier's training.
struct ClassifierProgress {
  int64_t seen = 0;     ///< training examples seen
  int64_t total = 0;    ///< examples that will be seen
  double loss = 0;      ///< cross-entropy in nats, mean since the last report
  double accuracy = 0;  ///< share classified correctly since the last report, with dropout
};

/// Options of a classifier's training. Those above `progress` determine the weights; the others only report.
struct ClassifierOptions {
  /// Training examples seen, independent of the set's size: the duration is known in advance, and the weights do not
  /// depend on the speed of the machine.
  int64_t examples = 90'000;
  int64_t batch = 128;          ///< examples per Adam step
  double learning_rate = 3e-3;  ///< maximum; 5 % warm-up, then cosine decay to 0
  double shift = 0.06;          ///< each batch is shifted by up to this share of the shorter side; 0: off
  double dropout = 0.3;         ///< of the features during training; 0: off
  int64_t pool = 60'000;        ///< at most this many training examples are held in memory, spread over the set
  uint64_t seed = 0;            ///< of initial weights, order, shifts and dropout
  Range range;                  ///< of float32 examples; uint8 examples need none

  std::function<void(const ClassifierProgress&)> progress;  ///< before reading, then about 50 times; may be empty
  std::function<void(const std::string&)> note;  ///< called with sentences for the user (a damaged cache); may be empty
};

/// A small convolutional classifier of 8-bit pictures, which duet trains on the user's labelled data. Frechet and
/// kernel distance compare its features; class histograms and agreement count its classes.
///
///   stem conv -> 24, pool 2; conv3x3 -> 48, pool 2; conv3x3 -> 64; dense -> 128 = features; dense -> classes
///
/// with ReLU after every layer but the last. For pictures of 64 pixels and more the stem has stride 2, 4, ... so that
/// the cost stays close to that of 32 pixels. Any size from 8x8 on, grey or RGB. All methods run on the CPU, without
/// gradients, in chunks of a fixed size. Threads: may be used by several at once.
class Classifier {
 public:
  static constexpr int64_t kFeatures = 128;

  /// Everything that defines a classifier; `weights` in the order of the layers, weight before bias.
  struct Parts {
    Shape shape;                       ///< of the pictures
    std::vector<std::string> classes;  ///< names in label order
    double mean = 0;                   ///< of the training pixels, 0..255
    double deviation = 1;              ///< of the training pixels
    double feature_scale = 1;          ///< features are multiplied by it: mean square 1 over the training set
    double held_out_accuracy = 0;      ///< share of held-out examples classified correctly
    std::vector<Tensor> weights;       ///< float32
  };

  explicit Classifier(Parts parts) : parts_(std::move(parts)) {}

  /// Activations before the last layer, float32 [N,128], >= 0, scaled to mean square 1 over the training set so that
  /// distances with differently seeded classifiers are comparable. `bytes` is uint8 [N,C,H,W] of the training shape;
  /// throws Error(data) naming both shapes otherwise.
  Tensor features(const Tensor& bytes) const;
  /// Unnormalised log-probabilities, float32 [N,classes].
  Tensor logits(const Tensor& bytes) const;
  /// The same from features that were computed before, float32 [N,128].
  Tensor logits_of_features(const Tensor& features) const;
  /// Share of pictures whose most likely class is the label (int64 [N]).
  double accuracy(const Tensor& bytes, const Tensor& labels) const;

  /// Accuracy on the held-out set given to train_classifier (at most 10,000 examples spread over it).
  double held_out_accuracy() const { return parts_.held_out_accuracy; }
  /// First 12 hex digits of a SHA-256 over the weights: two scores are comparable only if it is the same.
  std::string fingerprint() const;
  const Parts& parts() const { return parts_; }

 private:
  Parts parts_;
};

/// Trains a classifier with Adam on cross-entropy. The same sets, options and number of threads give the same weights.
/// 90,000 examples of 28x28 take half a minute on two idle cores. Throws Error(data) when the set has fewer than two
/// classes, does not consist of pictures of at least 8x8, or has no labelled example, or when the held-out set does not
/// match it; Error(diverged) when the loss is not finite.
Classifier train_classifier(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options);

/// Initial weights for pictures of `shape`: normal with variance 2/fan_in (He et al. 2015), biases 0.
std::vector<Tensor> initial_classifier_weights(const Shape& shape, int64_t classes, Generator& generator);

}  // namespace duet
