#include "duet/score/scorer.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/random.h"
#include "duet/data/drawn/toys.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/modes.h"
#include "duet/score/nearest.h"

namespace duet {
namespace {

/// Samples, and real examples, among which near-duplicates are looked for.
constexpr int64_t kTwins = 1'000;
constexpr int64_t kCountedLabels = 60'000;
/// Above this many features the Frechet distance is not computed: an eigenvalue problem of cubic cost, and covariances
/// of deficient rank.
constexpr int64_t kMostFrechetFeatures = 1'024;

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

std::string error_text(const Estimate& estimate) {
  return estimate.standard_error ? fmt::format("+- {:.2g}", *estimate.standard_error) : "unknown";
}

}  // namespace

Scorer::Scorer(const Dataset& train, const Dataset* held_out, const std::string& spec_name,
               const ScorerOptions& options)
    : features_(train, held_out, options.features), seed_(options.seed), class_names_(train.info().classes) {
  const bool vector = train.info().shape.is_vector();
  kernel_ = vector ? Kernel::energy : Kernel::cubic;
  distance_name_ = primary_ = vector ? "energy_distance" : "kernel_distance";
  if (const auto modes = modes_of(spec_name); modes && vector) {
    centres_ = as_matrix(modes->centres);
    sigma_ = modes->sigma;
    mode_names_ = class_names_;
    for (auto k = static_cast<int64_t>(mode_names_.size()); k < centres_.size(0); ++k)
      mode_names_.push_back(fmt::format("mode{}", k));
    primary_ = "mode_divergence";
  }
  if (!vector && train.info().size > 1) {
    const auto some = plain_rows(train, stratified_indices(train.info().size, kTwins));
    const auto distances = nearest_among(some).distance;
    near_ = near_threshold(distances);
    real_duplicates_ = share_near(distances, *near_);
  }
  if (features_.classifier()) class_count_ = count_labels(train);
  references_ = make_references(train, held_out, features_,
                                {.held_out = options.held_out,
                                 .all_data = options.all_data,
                                 .seed = seed_,
                                 .kernel = kernel_,
                                 .test = options.test,
                                 .frechet = features_.size() <= kMostFrechetFeatures},
                                options.phase);
}

Report Scorer::score(const Tensor& samples, Range range, const Tensor& requested_labels, Half half,
                     const Tensor& codes) const {
  const auto examples = features_.from_samples(samples, range);
  if (examples.size(0) < kLeastScored)
    fail(Fault::data, "samples: {} found; scores need at least {}, and {} or more to be reliable", examples.size(0),
         kLeastScored, grouped(kEnoughScored));
  const auto rows = features_.of(examples);
  const auto& real = reference(half);
  Report report;
  report.samples = examples.size(0);
  report.protocol =
      fmt::format("features: {}; {} samples against {}", features_.description(), report.samples, real.name);
  if (centres_.defined()) add_modes(report, examples.flatten(1));
  add_distances(report, rows, real);
  add_diversity(report, rows, requested_labels, real);
  if (near_) add_duplicates(report, examples);
  if (features_.classifier()) add_classes(report, rows, requested_labels, codes);
  report.primary = *report.find(primary_);
  add_notes(report, real);
  return report;
}

void Scorer::add_distances(Report& report, const Tensor& rows, const Reference& real) const {
  auto& metrics = report.metrics;
  metrics.push_back(metric(distance_name_, kernel_distance(rows, real.rows, kernel_), "lower",
                           "unbiased in the number of samples; about 0 for perfect samples"));
  metrics.push_back(metric(distance_name_ + "_floor", real.kernel_floor, "", real.kernel_note));
  if (real.moments.mean.defined()) add_frechet(report, rows, real);
}

void Scorer::add_frechet(Report& report, const Tensor& rows, const Reference& real) const {
  report.metrics.push_back({"frechet", frechet_distance(moments_of(rows), real.moments), std::nullopt, "lower",
                            "grows with fewer samples: compare at equal numbers"});
  const auto add = [&](const std::string& name, const Comparison& other) {
    const auto chosen = random_rows(other.rows, rows.size(0), seed_);
    auto note = fmt::format("of {} {}{}", chosen.size(0), other.description, other.counterpart);
    if (chosen.size(0) < rows.size(0))
      note += fmt::format("; there are no more, and {} would score lower", rows.size(0));
    report.metrics.push_back({name, frechet_distance(moments_of(chosen), other.against), std::nullopt, "", note});
  };
  add("frechet_floor", real.floor);
  if (real.training) add("frechet_train", *real.training);
}

/// Grouped by the requested classes, else by those of the classifier; as one group if these have too few samples.
void Scorer::add_diversity(Report& report, const Tensor& rows, const Tensor& requested_labels,
                           const Reference& real) const {
  const bool asked = requested_labels.defined() && real.spread.by_label;
  const auto way = [asked](const RealSpread& spread) { return asked ? *spread.by_label : spread.otherwise; };
  const auto truth = way(real.spread);
  const auto classes = asked                    ? requested_labels.to(torch::kCPU)
                       : features_.classifier() ? features_.logits(rows).argmax(1)
                                                : Tensor();
  auto found = diversity_of(spread_of(rows, classes, static_cast<int64_t>(truth.count.size())), truth);
  auto floor = diversity_of(way(real.floor_spread), truth);
  const bool by_class = found && floor && truth.count.size() > 1;
  if (!found || !floor) {
    const auto together = spread_of(real.rows);
    found = diversity_of(spread_of(rows), together);
    floor = diversity_of(spread_of(real.floor.rows), together);
  }
  if (!found || !floor) return;
  auto& metrics = report.metrics;
  metrics.push_back(metric("diversity", found->relative, "",
                           fmt::format("distance between samples{}; 1 for real examples, 0 for copies of one picture",
                                       by_class ? " of a class" : "")));
  metrics.push_back(metric("diversity_floor", floor->relative, "", "of " + real.floor.description));
  if (by_class)
    metrics.push_back({"diversity_worst", found->worst, std::nullopt, "",
                       "the same for class " + class_names_.at(static_cast<size_t>(found->worst_class))});
}

void Scorer::add_duplicates(Report& report, const Tensor& examples) const {
  constexpr double kMany = 0.1;
  const auto some = plain_rows(random_rows(examples, kTwins, seed_));
  const auto share = share_near(nearest_among(some).distance, *near_);
  report.metrics.push_back({"duplicates", share, std::nullopt, "lower",
                            fmt::format("share of {} samples that another one is as near to as real examples seldom "
                                        "are; of those {:.2g}",
                                        some.size(0), real_duplicates_)});
  if (share > kMany + 2 * real_duplicates_)
    report.notes.push_back(
        fmt::format("{:.0f} % of the samples are near-duplicates of another ({:.2g} % of real "
                    "examples are): the generator repeats itself",
                    100 * share, 100 * real_duplicates_));
}

/// Whether the classifier is better than always guessing the most common class.
std::string Scorer::guessing_note() const {
  constexpr double kMargin = 0.1;  // of the possible gain over guessing
  const auto* classifier = features_.classifier();
  if (!classifier || class_count_.empty()) return {};
  int64_t all = 0, most = 0;
  for (const auto count : class_count_) all += count, most = std::max(most, count);
  const double guess = static_cast<double>(most) / static_cast<double>(std::max<int64_t>(all, 1));
  const double right = classifier->held_out_accuracy();
  if (right >= guess + kMargin * (1 - guess)) return {};
  return fmt::format(
      "the classifier is hardly better than guessing ({:.3g} % correct on held-out data, always the most common class "
      "gives {:.3g} %), so metrics of classes mean little, and distances in its features less than usual; use more "
      "examples of each class, or --set score.features=random when training (--features random with score)",
      100 * right, 100 * guess);
}

/// Notes on the report's reliability.
void Scorer::add_notes(Report& report, const Reference& real) const {
  if (!real.note.empty()) report.notes.push_back(real.note);
  if (const auto text = guessing_note(); !text.empty()) report.notes.push_back(text);
  const auto floor = [&] {
    const auto* frechet = report.find("frechet_floor");
    return frechet ? fmt::format("{:.2g}", frechet->value) : std::string();
  }();
  const auto& distance = *report.find(distance_name_);
  const auto error = error_text({distance.value, distance.standard_error});
  if (report.samples < kFewScored)
    report.notes.push_back(fmt::format(
        "{} samples are few{}; {} is unbiased, but its error is large ({}); score {} or more", report.samples,
        floor.empty() ? ""
                      : fmt::format("; frechet is biased upwards by about {} (what perfect samples would "
                                    "score)",
                                    floor),
        distance_name_, error, grouped(kEnoughScored)));
  if (real.count < kFewScored)
    report.notes.push_back(
        fmt::format("{} {} are few to compare with{}; {} is unbiased, but its error is large ({}); {}", real.count,
                    real.noun, floor.empty() ? "" : "; frechet and its floor are biased upwards, each differently",
                    distance_name_, error, real.remedy));
}

void Scorer::add_classes(Report& report, const Tensor& rows, const Tensor& requested_labels,
                         const Tensor& codes) const {
  const auto& classes = class_names_;
  const auto logits = features_.logits(rows);
  const auto statistics = class_statistics(logits, class_count_);
  auto& metrics = report.metrics;
  if (features_.judged_apart() > 1)
    metrics.push_back({"modes",
                       static_cast<double>(std::count_if(statistics.share.begin(), statistics.share.end(),
                                                         [](double share) { return share > 0; })),
                       std::nullopt, "higher",
                       fmt::format("of {} classes, those with a sample; grows with more samples", classes.size())});
  else
    metrics.push_back({"modes", static_cast<double>(statistics.covered), std::nullopt, "higher",
                       fmt::format("of {} classes, those with at least {:.2g} % of the samples", classes.size(),
                                   20.0 / static_cast<double>(classes.size()))});
  metrics.push_back(metric("class_kl", statistics.kl, "lower", "histogram of classes against the data's, nats"));
  metrics.push_back(
      metric("confident", statistics.confident, "higher", "share with a class probability of 0.9 or more"));
  if (requested_labels.defined()) {
    const auto agreement = label_agreement(logits, requested_labels.to(torch::kCPU));
    metrics.push_back(metric("agreement", agreement.share, "higher", "share classified as the requested class"));
    metrics.push_back({"agreement_worst", agreement.worst, std::nullopt, "higher",
                       "the same for class " + classes.at(static_cast<size_t>(agreement.worst_class))});
  }
  if (codes.defined())
    metrics.push_back({"code_information", normalised_information(codes.to(torch::kCPU), logits.argmax(1)),
                       std::nullopt, "higher", "shared by code and class, as classified: 0 for nothing, 1 for all"});
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
  report.outside_share = 1 - statistics.high_quality.value;
}

}  // namespace duet
