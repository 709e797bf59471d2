#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "duet/score/classifier.h"
#include "duet/score/random_features.h"

namespace duet {

/// How examples become the rows that distances compare.
struct FeatureOptions {
  /// "classifier": duet's own classifier of the data's labels. "random": a fixed random network. "raw": the numbers as
  /// they are. "auto": classifier for pictures with labels, random for pictures without, raw for vectors.
  std::string kind = "auto";
  uint64_t seed = 0;                   ///< of the random network
  ClassifierOptions classifier;        ///< its `range` serves all kinds: of examples stored as float32
  std::filesystem::path cache_folder;  ///< of trained classifiers; empty: default_cache_folder()
};

/// Turns examples into feature rows. Pictures (and vectors stored as bytes) are compared as 8-bit numbers, vectors
/// stored as float32 as they are. Random and raw features are standardised, each column by the training set's mean and
/// deviation, so that no unit outweighs another. Threads: may be used by several at once.
class Features {
 public:
  /// Trains or loads what it needs; `held_out` may be null. Throws Error(recipe) for an unknown kind or one that the
  /// data cannot serve, Error(data) what train_classifier throws.
  Features(const Dataset& train, const Dataset* held_out, const FeatureOptions& options);
  Features(const Dataset& train, const Dataset& held_out, const FeatureOptions& options)
      : Features(train, &held_out, options) {}

  /// Examples in the form `of` takes, from a dataset.
  Tensor read(const Dataset& dataset, std::span<const int64_t> indices) const;
  /// The same from generated samples [N,C,H,W]: uint8, or floats with data in `range`. Throws Error(data) when the
  /// shape is not the training set's, Error(diverged) when a number is not finite.
  Tensor from_samples(const Tensor& samples, Range range) const;
  /// Rows, float32 [N,D].
  Tensor of(const Tensor& examples) const;

  /// The classifier, or null for other kinds.
  const Classifier* classifier() const { return classifier_ ? &*classifier_ : nullptr; }
  /// For the protocol: "classifier of 10 classes (99.1 % right on held-out data, 3f09...), 128 features".
  const std::string& description() const { return description_; }
  /// Columns of a row.
  int64_t size() const { return size_; }

 private:
  Tensor unscaled(const Tensor& examples) const;

  Shape shape_;
  bool bytes_;
  Range range_;
  std::optional<Classifier> classifier_;
  std::optional<RandomFeatures> random_;
  Tensor mean_, deviation_;  ///< undefined with a classifier, which scales its features itself
  int64_t size_ = 0;
  std::string description_;
};

}  // namespace duet
