#include "duet/score/features.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/data/stacked.h"
#include "duet/data/tensors.h"
#include "duet/score/classifier_cache.h"
#include "duet/score/example_bytes.h"

namespace duet {
namespace {

/// Number of training examples from which the standardisation is computed.
constexpr int64_t kSample = 5'000;
constexpr int64_t kRandomSample = 512;

std::string chosen_kind(const DatasetInfo& info, const std::string& kind) {
  const bool picture = info.shape.height >= 8 && info.shape.width >= 8;
  if (kind == "auto") return !picture ? "raw" : info.classes.size() >= 2 ? "classifier" : "random";
  if (kind != "classifier" && kind != "random" && kind != "raw")
    fail(Fault::recipe, "features: found \"{}\"; expected auto, classifier, random or raw", kind);
  if (kind != "raw" && !picture)
    fail(Fault::recipe, "features: \"{}\" needs pictures of at least 8x8; {} has examples of {}: take raw or auto",
         kind, info.name, to_string(info.shape));
  return kind;
}

}  // namespace

Features::Features(const Dataset& train, const Dataset* held_out, const FeatureOptions& options)
    : shape_(train.info().shape),
      bytes_(train.info().element == Element::uint8 || !shape_.is_vector()),
      range_(options.classifier.range) {
  const auto kind = chosen_kind(train.info(), options.kind);
  if (kind == "classifier") {
    take_classifier(train, held_out, options);
    return;
  }
  const auto sample = read(train, stratified_indices(train.info().size, kSample));
  if (kind == "random")
    random_.emplace(sample.narrow(0, 0, std::min<int64_t>(kRandomSample, sample.size(0))), options.seed);
  const auto rows = unscaled(sample);
  // In double and per column: values of 0..1000 and of 0..0.001 both count.
  const auto exact = rows.to(torch::kFloat64), mean = exact.mean(0);
  const auto deviation = exact.std(at::IntArrayRef{0}, /*unbiased=*/false);
  const auto varies = deviation > (random_ ? at::full_like(mean, 1e-6) : mean.abs() * 1e-7);
  mean_ = mean.to(torch::kFloat32);
  deviation_ = at::where(varies, deviation, at::ones_like(deviation)).to(torch::kFloat32);
  size_ = rows.size(1);
  description_ = kind == "raw"
                     ? fmt::format("the {} numbers themselves, standardised", size_)
                     : fmt::format("fixed random network (seed {}), {} features, standardised", options.seed, size_);
}

void Features::take_classifier(const Dataset& train, const Dataset* held_out, const FeatureOptions& options) {
  const auto take = [&](const Dataset& examples, const Dataset& unseen) {
    classifier_ = cached_classifier(examples, unseen, options.classifier, options.cache_folder);
    size_ = channels_ * Classifier::kFeatures;
    description_ = fmt::format("classifier of {} classes{} ({:.2f} % right on {} data, weights {}), {} features",
                               examples.info().classes.size(), channels_ > 1 ? " of each channel" : "",
                               100 * classifier_->held_out_accuracy(), held_out ? "held-out" : "its training",
                               classifier_->fingerprint(), size_);
  };
  const auto& unseen = held_out ? *held_out : train;
  if (train.info().channel_classes.empty()) return take(train, unseen);
  channels_ = shape_.channels;
  take(*channels_of(train), *channels_of(unseen));
}

Tensor Features::read(const Dataset& dataset, std::span<const int64_t> indices) const {
  if (dataset.info().shape != shape_)
    fail(Fault::data, "{}: examples are {}; the training set has {}: take both from one source", dataset.info().name,
         to_string(dataset.info().shape), to_string(shape_));
  return bytes_ ? example_bytes(dataset, indices, range_) : read_examples(dataset, indices);
}

Tensor Features::from_samples(const Tensor& samples, Range range) const {
  if (samples.dim() != 4 || Shape{samples.size(1), samples.size(2), samples.size(3)} != shape_)
    fail(Fault::data, "samples: found [{}]; expected [N,{},{},{}] like the training set's examples",
         fmt::join(samples.sizes(), ","), shape_.channels, shape_.height, shape_.width);
  const auto here = samples.detach().to(torch::kCPU);
  if (here.scalar_type() == torch::kUInt8) return bytes_ ? here : to_values(here, range_);
  const int64_t bad = here.flatten(1).isfinite().all(1).logical_not().sum().item<int64_t>();
  if (bad > 0)
    fail(Fault::diverged, "samples: {} of {} hold numbers that are not finite; take an earlier checkpoint", bad,
         here.size(0));
  return bytes_ ? to_bytes(here, range) : here.to(torch::kFloat32);
}

Tensor Features::unscaled(const Tensor& examples) const {
  return random_ ? random_->of(examples) : to_values(examples, range_).flatten(1);
}

Tensor Features::of(const Tensor& examples) const {
  if (classifier_ && channels_ == 1) return classifier_->features(examples);
  if (classifier_)
    return classifier_->features(examples.reshape({-1, 1, shape_.height, shape_.width}))
        .reshape({examples.size(0), size_});
  return (unscaled(examples) - mean_).div_(deviation_);
}

Tensor Features::logits(const Tensor& rows) const {
  if (channels_ == 1) return classifier_->logits_of_features(rows);
  const auto each = classifier_->logits_of_features(rows.reshape({-1, Classifier::kFeatures}))
                        .log_softmax(1)
                        .reshape({rows.size(0), channels_, -1});
  auto joint = each.select(1, 0);
  for (int64_t c = 1; c < channels_; ++c) joint = (joint.unsqueeze(2) + each.select(1, c).unsqueeze(1)).flatten(1);
  return joint;
}

}  // namespace duet
