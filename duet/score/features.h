#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "duet/score/classifier.h"
#include "duet/score/random_features.h"

namespace duet {

/// How examples become feature rows.
struct FeatureOptions {
  /// "classifier": duet's own classifier of the data's labels. "random": a fixed random network. "raw": the values
  /// themselves. "auto": classifier for labelled pictures, random for unlabelled ones, raw for vectors.
  std::string kind = "auto";
  uint64_t seed = 0;                   ///< of the random network
  ClassifierOptions classifier;        ///< its `range`, of examples stored as float32, is used by all kinds
  std::filesystem::path cache_folder;  ///< of trained classifiers; empty: default_cache_folder()
};

/// Computes feature rows of examples. Pictures (and vectors stored as bytes) are compared as 8-bit numbers, vectors
/// stored as float32 as they are. Random and raw features are standardised, each column by the training set's mean and
/// deviation, so that no column outweighs another. Threads: may be used by several at once.
class Features {
 public:
  /// Trains or loads what it needs; `held_out` may be null. Throws Error(recipe) for a kind that is unknown or
  /// impossible for these data, and as train_classifier() does.
  Features(const Dataset& train, const Dataset* held_out, const FeatureOptions& options);
  Features(const Dataset& train, const Dataset& held_out, const FeatureOptions& options)
      : Features(train, &held_out, options) {}

  /// Examples of a dataset in the form that `of` takes.
  Tensor read(const Dataset& dataset, std::span<const int64_t> indices) const;
  /// The same for generated samples [N,C,H,W]: uint8, or floats with data in `range`. Throws Error(data) when the shape
  /// differs from the training set's, Error(diverged) when a number is not finite.
  Tensor from_samples(const Tensor& samples, Range range) const;
  /// Feature rows, float32 [N,D].
  Tensor of(const Tensor& examples) const;

  /// The classifier, or null for other kinds. Of a stacked set it judges single channels.
  const Classifier* classifier() const { return classifier_ ? &*classifier_ : nullptr; }
  /// Logits of the data's classes [N,classes] from feature rows. Needs a classifier.
  Tensor logits(const Tensor& rows) const;
  /// Number of channels that the classifier judges one by one: 1, or those of a stacked set, whose feature rows are
  /// those of its channels side by side.
  int64_t judged_apart() const { return channels_; }
  /// Description for the protocol: "classifier of 10 classes (99.1 % right on held-out data, 3f09...), 128 features".
  const std::string& description() const { return description_; }
  /// Number of features D.
  int64_t size() const { return size_; }

 private:
  void take_classifier(const Dataset& train, const Dataset* held_out, const FeatureOptions& options);
  Tensor unscaled(const Tensor& examples) const;

  Shape shape_;
  bool bytes_;
  Range range_;
  std::optional<Classifier> classifier_;
  std::optional<RandomFeatures> random_;
  Tensor mean_, deviation_;  ///< undefined with a classifier, which scales its features itself
  int64_t channels_ = 1;
  int64_t size_ = 0;
  std::string description_;
};

}  // namespace duet
