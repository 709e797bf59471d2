#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "duet/score/features.h"
#include "duet/score/frechet.h"
#include "duet/score/kernel_distance.h"
#include "duet/score/report.h"

namespace duet {

/// Half of the held-out data. A number that decided when to stop is no fair report any more, so the training loop looks
/// at one half and reports are made on the other.
enum class Half { decide, report };

/// Fewer examples than this, generated or held out, are refused. A covariance of 20 rows has rank 19 of 128, a class
/// share of one half an error of 11 points, and the kernel distance no standard error yet: of fewer, no number means
/// anything.
constexpr int64_t kLeastScored = 20;
/// Reports on fewer samples carry a note. What pictures of MNIST themselves score in frechet, where a fair generator
/// scores 3 and 5,000 pictures 0.3: 2.3 of 200, 0.9 of 500, 0.6 of 1,000. Below 500 the number of samples decides the
/// score as much as the generator does.
constexpr int64_t kFewScored = 500;
/// The number that the note advises: as many as a half of the held-out data has by default, so that the floor is of the
/// same number.
constexpr int64_t kEnoughScored = 5'000;

/// What a Scorer compares, and how.
struct ScorerOptions {
  FeatureOptions features;
  int64_t held_out = 10'000;  ///< at most this many held-out examples, both halves together, spread over the set
  uint64_t seed = 0;          ///< of the cut into halves
  /// Called with what begins where that may take seconds; may be empty. Training of the classifier is told by
  /// features.classifier.progress.
  std::function<void(const std::string&)> phase;
};

/// Scores samples against held-out data. Reference features of both halves are computed once, in the constructor.
///
/// Metrics: kernel_distance (energy_distance for vectors), frechet, each with its floor: what held-out examples of the
/// other half score, so what perfect samples would. The Frechet distance falls as samples get more, so its floor is of
/// as many examples as there are samples (at most the half), and frechet_train, what training examples score, is too.
/// With a classifier also modes, class_kl, confident, agreement; for toys of known modes also modes,
/// high_quality, mode_kl, mode_divergence.
///
/// Primary is kernel_distance for pictures, because it is unbiased in the number of samples and has a standard error;
/// energy_distance for vectors, for the same reason and because it sees more than three moments; mode_divergence for
/// toys of known modes (see ModeStatistics). Lower is better for all of them.
///
/// Threads: score() may be called from several at once.
class Scorer {
 public:
  /// `spec_name` is the data SPEC the user gave, by which toys of known modes are told. Throws Error(data) when fewer
  /// than kLeastScored held-out examples are there or the sets do not fit, and what Features throws.
  Scorer(const Dataset& train, const Dataset& held_out, const std::string& spec_name, const ScorerOptions& options);

  /// `samples` are [N,C,H,W], N >= kLeastScored: uint8, or floats with data in `range`. `requested_labels` is int64
  /// [N], the classes that were asked of a conditional generator, or undefined.
  /// Throws Error(data) when the samples do not fit the data, Error(diverged) when they are not finite.
  Report score(const Tensor& samples, Range range, const Tensor& requested_labels, Half half) const;

  /// Name of the primary metric of these data.
  const std::string& primary() const { return primary_; }
  /// The classifier of these data, or null.
  const Classifier* classifier() const { return features_.classifier(); }

 private:
  struct Reference {
    Tensor rows;      ///< float32 [M,D]
    Moments moments;  ///< of the rows; undefined when the Frechet distance is left out
  };

  void add_distances(Report& report, const Tensor& rows, Half half) const;
  void add_frechet(Report& report, const Tensor& rows, Half half) const;
  void add_classes(Report& report, const Tensor& rows, const Tensor& requested_labels) const;
  void add_modes(Report& report, const Tensor& points) const;

  Features features_;
  uint64_t seed_;
  Kernel kernel_;
  std::string distance_name_, primary_;
  std::vector<int64_t> class_count_;     ///< of the training set
  Tensor centres_;                       ///< of known modes, float64 [K,D]; undefined for other data
  std::vector<std::string> mode_names_;  ///< of those, as the data name them
  double sigma_ = 0;
  std::array<Reference, 2> halves_;
  Tensor trained_;  ///< rows of training examples, as many as a half has
  Estimate kernel_floor_;
};

}  // namespace duet
