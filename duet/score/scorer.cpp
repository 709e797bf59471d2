#include "duet/score/scorer.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/random.h"
#include "duet/data/tensors.h"
#include "duet/data/toys.h"
#include "duet/score/example_bytes.h"
#include "duet/score/modes.h"

namespace duet {
namespace {

constexpr int64_t kCountedLabels = 60'000;
/// The Frechet distance is left out above: an eigenvalue problem of cubic cost, and covariances of deficient rank.
constexpr int64_t kMostFrechetFeatures = 1'024;

std::array<std::vector<int64_t>, 2> cut_in_halves(const DatasetInfo& info, const ScorerOptions& options) {
  const auto indices = stratified_indices(info.size, options.held_out);
  const auto count = static_cast<int64_t>(indices.size());
  if (count < kLeastScored)
    fail(Fault::data, "{}: {} held-out examples found; scores need at least {}: hold out a larger share of the data",
         info.name, count, kLeastScored);
  // A drawn cut: neighbours in a stored set are often alike, or of alternating classes.
  const auto order = permutation(count, Random(options.seed, 3));
  std::array<std::vector<int64_t>, 2> halves;
  for (int64_t i = 0; i < count / 2 * 2; ++i)
    halves[i < count / 2 ? 0 : 1].push_back(indices[static_cast<size_t>(order[static_cast<size_t>(i)])]);
  for (auto& half : halves) std::sort(half.begin(), half.end());
  return halves;
}

std::vector<int64_t> count_labels(const Dataset& dataset) {
  std::vector<int64_t> count(dataset.info().classes.size(), 0);
  for (const auto index : stratified_indices(dataset.info().size, kCountedLabels))
    if (const auto label = dataset.label(index); label >= 0) ++count[static_cast<size_t>(label)];
  return count;
}

Tensor as_matrix(const std::vector<std::vector<double>>& rows) {
  auto matrix =
      torch::empty({static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows.at(0).size())}, torch::kFloat64);
  auto* out = matrix.data_ptr<double>();
  for (const auto& row : rows) out = std::copy(row.begin(), row.end(), out);
  return matrix;
}

Metric metric(const std::string& name, const Estimate& estimate, const std::string& better, const std::string& note) {
  return {name, estimate.value, estimate.standard_error, better, note};
}

size_t position(Half half) { return half == Half::decide ? 0 : 1; }

/// At most `count` rows in a drawn choice: halves lie in the order of the data, and a beginning is not like the whole.
Tensor drawn_rows(const Tensor& rows, int64_t count, uint64_t seed) {
  if (count >= rows.size(0)) return rows;
  auto order = permutation(rows.size(0), Random(seed, 6));
  order.resize(static_cast<size_t>(count));
  return rows.index_select(0, torch::tensor(order));
}

/// What the report says of its own reliability.
void add_notes(Report& report, const std::string& distance) {
  if (report.samples >= kFewScored) return;
  std::string note = fmt::format("{} samples are few", report.samples);
  if (const auto* floor = report.find("frechet_floor"))
    note += fmt::format("; frechet is biased upwards by about {:.2g} (what perfect samples would score)", floor->value);
  const auto& error = report.find(distance)->standard_error;
  note += fmt::format("; {} is unbiased, but its error is large ({}); score {} or more", distance,
                      error ? fmt::format("+- {:.2g}", *error) : "more than can be told", grouped(kEnoughScored));
  report.notes.push_back(std::move(note));
}

}  // namespace

Scorer::Scorer(const Dataset& train, const Dataset& held_out, const std::string& spec_name,
               const ScorerOptions& options)
    : features_(train, held_out, options.features), seed_(options.seed) {
  const bool vector = train.info().shape.is_vector();
  kernel_ = vector ? Kernel::energy : Kernel::cubic;
  distance_name_ = primary_ = vector ? "energy_distance" : "kernel_distance";
  if (const auto modes = modes_of(spec_name); modes && vector) {
    centres_ = as_matrix(modes->centres);
    sigma_ = modes->sigma;
    mode_names_ = train.info().classes;
    for (auto k = static_cast<int64_t>(mode_names_.size()); k < centres_.size(0); ++k)
      mode_names_.push_back(fmt::format("mode{}", k));
    primary_ = "mode_divergence";
  }
  if (features_.classifier()) class_count_ = count_labels(train);

  const auto say = [&](const std::string& what) {
    if (options.phase) options.phase(what);
  };
  const auto halves = cut_in_halves(held_out.info(), options);
  const auto size = static_cast<int64_t>(halves[0].size());
  say("reading real examples and taking their features");
  for (size_t i = 0; i < 2; ++i) halves_[i].rows = features_.of(features_.read(held_out, halves[i]));
  trained_ = features_.of(features_.read(train, stratified_indices(train.info().size, size)));
  say("comparing the halves of the held-out data");
  kernel_floor_ = kernel_distance(halves_[0].rows, halves_[1].rows, kernel_);
  if (features_.size() > kMostFrechetFeatures) return;
  for (auto& half : halves_) half.moments = moments_of(half.rows);
}

Report Scorer::score(const Tensor& samples, Range range, const Tensor& requested_labels, Half half) const {
  const auto examples = features_.from_samples(samples, range);
  if (examples.size(0) < kLeastScored)
    fail(Fault::data, "samples: {} found; scores need at least {}, and {} or more to be good", examples.size(0),
         kLeastScored, grouped(kEnoughScored));
  const auto rows = features_.of(examples);
  Report report;
  report.samples = examples.size(0);
  report.protocol = fmt::format(
      "features: {}; {} samples against the {} half of held-out data ({} examples, cut with "
      "seed {})",
      features_.description(), report.samples, half == Half::decide ? "deciding" : "reporting",
      halves_[position(half)].rows.size(0), seed_);
  if (centres_.defined()) add_modes(report, examples.flatten(1));
  add_distances(report, rows, half);
  if (features_.classifier()) add_classes(report, rows, requested_labels);
  report.primary = *report.find(primary_);
  add_notes(report, distance_name_);
  return report;
}

void Scorer::add_distances(Report& report, const Tensor& rows, Half half) const {
  const auto& reference = halves_[position(half)];
  auto& metrics = report.metrics;
  metrics.push_back(metric(distance_name_, kernel_distance(rows, reference.rows, kernel_), "lower",
                           "unbiased in the number of samples; about 0 for perfect samples"));
  metrics.push_back(
      metric(distance_name_ + "_floor", kernel_floor_, "", "one half of held-out data against the other"));
  if (reference.moments.mean.defined()) add_frechet(report, rows, half);
}

void Scorer::add_frechet(Report& report, const Tensor& rows, Half half) const {
  const auto& moments = halves_[position(half)].moments;
  const auto add = [&](const std::string& name, const Tensor& real, const std::string& kind) {
    const auto chosen = drawn_rows(real, rows.size(0), seed_);
    auto note = fmt::format("what {} {} score", chosen.size(0), kind);
    if (chosen.size(0) < rows.size(0))
      note += fmt::format("; there are no more, and {} would score less", rows.size(0));
    report.metrics.push_back({name, frechet_distance(moments_of(chosen), moments), std::nullopt, "", note});
  };
  report.metrics.push_back({"frechet", frechet_distance(moments_of(rows), moments), std::nullopt, "lower",
                            "grows as samples get fewer: compare at equal number"});
  add("frechet_floor", halves_[1 - position(half)].rows, "held-out examples of the other half");
  add("frechet_train", trained_, "training examples");
}

void Scorer::add_classes(Report& report, const Tensor& rows, const Tensor& requested_labels) const {
  const auto& classes = features_.classifier()->parts().classes;
  const auto logits = features_.classifier()->logits_of_features(rows);
  const auto statistics = class_statistics(logits, class_count_);
  auto& metrics = report.metrics;
  metrics.push_back({"modes", static_cast<double>(statistics.covered), std::nullopt, "higher",
                     fmt::format("of {} classes, those with at least {:.2g} % of the samples", classes.size(),
                                 20.0 / static_cast<double>(classes.size()))});
  metrics.push_back(metric("class_kl", statistics.kl, "lower", "histogram of classes against the data's, nats"));
  metrics.push_back(
      metric("confident", statistics.confident, "higher", "share with a class probability of 0.9 or more"));
  if (requested_labels.defined()) {
    const auto agreement = label_agreement(logits, requested_labels.to(torch::kCPU));
    metrics.push_back(metric("agreement", agreement.share, "higher", "share seen as the class that was asked for"));
    metrics.push_back({"agreement_worst", agreement.worst, std::nullopt, "higher",
                       "the same for class " + classes.at(static_cast<size_t>(agreement.worst_class))});
  }
  report.classes = classes;
  report.class_share = statistics.share;
}

void Scorer::add_modes(Report& report, const Tensor& points) const {
  const auto statistics = mode_statistics(points, centres_, sigma_);
  auto& metrics = report.metrics;
  metrics.push_back(metric("mode_divergence", statistics.divergence, "lower",
                           "KL to the true modes, with a cell for samples outside, nats"));
  metrics.push_back({"modes", static_cast<double>(statistics.hit), std::nullopt, "higher",
                     fmt::format("of {}, those with at least 0.78 % of the samples within 3 sigma", centres_.size(0))});
  metrics.push_back(metric("high_quality", statistics.high_quality, "higher", "share within 3 sigma of a mode"));
  metrics.push_back(metric("mode_kl", statistics.reverse_kl, "lower", "modes of those against uniform, nats"));
  report.classes = mode_names_;
  report.class_share = statistics.share;
}

}  // namespace duet
