#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "duet/score/features.h"
#include "duet/score/reference.h"
#include "duet/score/report.h"

namespace duet {

/// Options of a Scorer.
struct ScorerOptions {
  FeatureOptions features;
  int64_t held_out = 10'000;  ///< at most this many held-out examples, both halves together, spread over the set
  const Dataset* test =
      nullptr;            ///< an official test part besides the held-out examples, for Half::report; may be null
  bool all_data = false;  ///< compares with all of the data instead of half of the held-out data
  uint64_t seed = 0;      ///< of the division into halves
  /// Called with what begins whenever something may take seconds; may be empty. Training of the classifier is reported
  /// by features.classifier.progress.
  std::function<void(const std::string&)> phase;
};

/// Scores samples against real examples: held-out ones, or training data if these are too few (see make_references).
/// Features of real examples are computed once, in the constructor.
///
/// Metrics: kernel_distance (energy_distance for vectors), frechet and diversity, each with its floor: the score of
/// real examples other than those compared with, and therefore of perfect samples. Of pictures also duplicates. The
/// Frechet distance falls as the number of samples grows, so its floor uses as many examples as there are samples (or
/// all if there are fewer), and so does frechet_train, the score of training examples. With a classifier also modes,
/// class_kl, confident, agreement, code_information; for toys with known modes also modes, high_quality, mode_kl,
/// mode_divergence.
///
/// The primary metric is kernel_distance for pictures, because it is unbiased in the number of samples and has a
/// standard error; energy_distance for vectors, for the same reason and because it compares more than three moments;
/// mode_divergence for toys with known modes (see ModeStatistics). Lower is better for all of them.
///
/// Threads: score() may be called from several at once.
class Scorer {
 public:
  /// `held_out` may be null. `spec_name` is the user's data SPEC, which identifies toys with known modes. Throws
  /// Error(data) when there are too few examples or the sets do not match, and as Features does.
  Scorer(const Dataset& train, const Dataset* held_out, const std::string& spec_name, const ScorerOptions& options);
  Scorer(const Dataset& train, const Dataset& held_out, const std::string& spec_name, const ScorerOptions& options)
      : Scorer(train, &held_out, spec_name, options) {}

  /// `samples` are [N,C,H,W], N >= kLeastScored: uint8, or floats with data in `range`. `requested_labels` is int64
  /// [N], the classes requested from a conditional generator, or undefined; so are `codes`, of a code that a game has
  /// made them from. Throws Error(data) when the samples do not match the data, Error(diverged) when they are not
  /// finite.
  Report score(const Tensor& samples, Range range, const Tensor& requested_labels, Half half,
               const Tensor& codes = {}) const;

  /// Name of the primary metric for these data.
  const std::string& primary() const { return primary_; }
  /// A note for the user about the reference; mostly empty.
  const std::string& note(Half half) const { return reference(half).note; }
  /// The classifier of these data, or null.
  const Classifier* classifier() const { return features_.classifier(); }

 private:
  const Reference& reference(Half half) const { return references_[half == Half::decide ? 0 : 1]; }
  void add_distances(Report& report, const Tensor& rows, const Reference& reference) const;
  void add_frechet(Report& report, const Tensor& rows, const Reference& reference) const;
  void add_diversity(Report& report, const Tensor& rows, const Tensor& requested_labels,
                     const Reference& reference) const;
  void add_duplicates(Report& report, const Tensor& examples) const;
  void add_classes(Report& report, const Tensor& rows, const Tensor& requested_labels, const Tensor& codes) const;
  void add_modes(Report& report, const Tensor& points) const;
  std::string guessing_note() const;
  void add_notes(Report& report, const Reference& reference) const;

  Features features_;
  uint64_t seed_;
  Kernel kernel_;
  std::string distance_name_, primary_;
  std::vector<int64_t> class_count_;     ///< of the training set
  Tensor centres_;                       ///< of known modes, float64 [K,D]; undefined for other data
  std::vector<std::string> mode_names_;  ///< names of the modes in the data
  double sigma_ = 0;
  std::vector<std::string> class_names_;  ///< of labelled data
  std::optional<double> near_;            ///< distance below which two pictures are near-duplicates; none for vectors
  double real_duplicates_ = 0;            ///< share of real examples that are
  std::array<Reference, 2> references_;
};

}  // namespace duet
