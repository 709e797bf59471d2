#include "duet/score/same_class.h"

#include <cmath>

#include "duet/score/classifier_cache.h"

namespace duet {
namespace {

Tensor classes_of(const LikeExamples& one, const ClassifierOptions& options, const std::filesystem::path& cache) {
  const auto classifier = cached_classifier(one.train, one.held_out ? *one.held_out : one.train, options, cache);
  return classifier.logits(one.pictures).argmax(1);
}

bool can_be_classified(const DatasetInfo& info) {
  return info.element == Element::uint8 && info.shape.height >= 8 && info.shape.width >= 8 && info.classes.size() >= 2;
}

}  // namespace

std::optional<Metric> same_class(const LikeExamples& first, const LikeExamples& second,
                                 const ClassifierOptions& options, const std::filesystem::path& cache_folder) {
  const auto &one = first.train.info(), &other = second.train.info();
  if (!can_be_classified(one) || !can_be_classified(other) || one.classes != other.classes) return std::nullopt;
  const auto same = classes_of(first, options, cache_folder) == classes_of(second, options, cache_folder);
  const double share = same.to(torch::kFloat64).mean().item<double>();
  const double error = std::sqrt(share * (1 - share) / static_cast<double>(same.size(0)));
  return Metric{"same_class", share, error, "higher", ""};
}

}  // namespace duet
