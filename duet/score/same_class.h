#pragma once

#include <filesystem>
#include <optional>

#include "duet/score/classifier.h"
#include "duet/score/report.h"

namespace duet {

/// Pictures, and the examples that they are like.
struct LikeExamples {
  Tensor pictures;  ///< uint8 [N,C,H,W]
  const Dataset& train;
  const Dataset* held_out;  ///< may be null
};

/// The metric "same_class": the share of samples whose picture in `second` is of the class of that in `first`, each as
/// classified by a classifier of the examples it is like. Empty if these are not pictures of the same classes.
/// `cache_folder` as in FeatureOptions. Throws as train_classifier() does.
std::optional<Metric> same_class(const LikeExamples& first, const LikeExamples& second,
                                 const ClassifierOptions& options, const std::filesystem::path& cache_folder = {});

}  // namespace duet
