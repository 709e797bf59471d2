#include "duet/score/further_metrics.h"

#include <algorithm>
#include <numeric>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/halves.h"
#include "duet/score/parzen.h"
#include "duet/score/reference.h"

namespace duet {
namespace {

constexpr int64_t kChoosing = 1'000, kTesting = 10'000;
constexpr int64_t kCentroids = 1'000, kClustered = 20'000, kRounds = 10;
constexpr int64_t kMostStreamed = 30;
constexpr int64_t kLeastOfFold = 5;
constexpr int64_t kMostSearched = 100'000;  // training examples; more would take minutes
constexpr int64_t kUnseen = 1'000;

void say(const FurtherInput& input, const std::string& what) {
  if (input.phase) input.phase(what);
}

/// Rows of real examples, their labels (undefined without), and what they are.
struct Real {
  Tensor rows, labels;
  std::string name;
};

Real real(const Dataset& set, const std::vector<int64_t>& indices, const std::string& name) {
  return {plain_rows(set, indices), read_labels(set, indices),
          fmt::format("{} {}", grouped(std::ssize(indices)), name)};
}

std::vector<int64_t> first_of(std::vector<int64_t> indices, int64_t count) {
  indices.resize(static_cast<size_t>(std::min(count, std::ssize(indices))));
  return indices;
}

std::vector<int64_t> first_of(const Dataset& set, int64_t count) {
  std::vector<int64_t> indices(static_cast<size_t>(std::min(count, set.info().size)));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

/// The examples that choose sigma, and those that are scored.
std::pair<Real, Real> parzen_examples(const Split& split) {
  if (split.test) {
    const auto& chooses = split.held_out ? *split.held_out : *split.train;
    return {real(chooses, first_of(chooses, kChoosing), split.held_out ? "held-out examples" : "training examples"),
            real(*split.test, stratified_indices(split.test->info().size, kTesting), "examples of the test part")};
  }
  if (!split.held_out || split.held_out->info().size < 2 * kLeastScored)
    fail(Fault::data,
         "{}: parzen needs {} or more held-out examples, half of them to choose sigma with; set "
         "data.held_out",
         split.train->info().name, 2 * kLeastScored);
  const auto halves = halves_of(*split.held_out, kTesting, /*seed=*/0);
  return {real(*split.held_out, first_of(halves[0], kChoosing), "examples of the deciding half of held-out data"),
          real(*split.held_out, halves[1], "examples of the reporting half of held-out data")};
}

std::string width_note(const ParzenWidth& width, const Real& choosing) {
  return fmt::format("chosen from {:.3g} ... {:.3g} on {}{}", width.first, width.last, choosing.name,
                     width.widened ? "; the best of 0.1 ... 1 was at its edge, so the grid was widened" : "");
}

/// Each test example under the samples of its own class, with a sigma for each class.
std::optional<Estimate> by_class(const FurtherInput& input, const Real& choosing, const Real& testing) {
  if (!input.labels.defined() || !testing.labels.defined() || !choosing.labels.defined()) return {};
  const auto of = [](const Tensor& rows, const Tensor& labels, int64_t c) {
    return rows.index_select(0, labels.eq(c).nonzero().flatten());
  };
  std::vector<Tensor> each;
  for (int64_t c = 0; c < std::ssize(input.split.train->info().classes); ++c) {
    const auto test = of(testing.rows, testing.labels, c);
    if (test.size(0) == 0) continue;
    const auto samples = of(input.rows, input.labels, c), choose = of(choosing.rows, choosing.labels, c);
    if (samples.size(0) == 0 || choose.size(0) == 0) return {};
    each.push_back(parzen_log_density(test, samples, choose_width(choose, samples).sigma));
  }
  const auto all = torch::cat(each);
  const auto deviation = (all - all.mean()).square().mean().sqrt().item<double>();
  return Estimate{all.mean().item<double>(), deviation / std::sqrt(static_cast<double>(all.size(0)))};
}

/// The score with more and more samples.
Metric streamed(const FurtherInput& input, const ParzenOptions& options, const Real& testing, double sigma) {
  StreamingParzen stream(testing.rows, sigma);
  stream.add(input.rows);
  const auto step = input.rows.size(0);
  auto mean = stream.mean();
  const auto goes_on = [&] {
    return stream.count() < kMostStreamed * step && !(mean.standard_error && *mean.standard_error <= options.error);
  };
  while (goes_on()) {
    say(input, fmt::format("parzen: {:.5g} +- {:.2g} from {} samples, making more", mean.value,
                           mean.standard_error.value_or(0), grouped(stream.count())));
    stream.add(options.more(stream.count(), step));
    mean = stream.mean();
  }
  return {"parzen_streamed", mean.value, mean.standard_error, "higher",
          fmt::format("the same from {} samples; the error is that of the samples", grouped(stream.count()))};
}

/// Cuts rows that come in random order.
std::vector<Tensor> folds_of(const Tensor& rows, int64_t count) {
  if (rows.size(0) < count * kLeastOfFold)
    fail(Fault::usage, "--folds {}: {} examples are too few, expected at least {} for each", count, rows.size(0),
         kLeastOfFold);
  std::vector<Tensor> folds;
  for (int64_t i = 0; i < count; ++i) folds.push_back(rows.slice(0, i, rows.size(0), count));
  return folds;
}

/// Real examples, and centroids, in place of the samples.
void add_baselines(Report& report, const FurtherInput& input, const Real& choosing, const Real& testing) {
  const auto& train = *input.split.train;
  const auto add = [&](const std::string& name, const Tensor& centres, const std::string& what) {
    const auto width = choose_width(choosing.rows, centres);
    const auto score = parzen_score(testing.rows, centres, width.sigma);
    report.metrics.push_back(
        {name, score.value, score.standard_error, "", fmt::format("{}, sigma {:.3g}", what, width.sigma)});
  };
  say(input, "parzen: training examples in place of samples");
  const auto some = plain_rows(train, stratified_indices(train.info().size, input.rows.size(0)));
  add("parzen_train", some, fmt::format("of {} training examples in place of the samples", grouped(some.size(0))));
  say(input, "parzen: centroids in place of samples");
  const auto rows = plain_rows(train, stratified_indices(train.info().size, kClustered));
  const auto centroids = k_means(rows, kCentroids, kRounds, /*seed=*/0);
  add("parzen_centroids", centroids, fmt::format("of {} centroids of k-means", grouped(centroids.size(0))));
}

std::string numbers_of(const Tensor& which) {
  constexpr int64_t kShown = 30;
  std::string text;
  for (int64_t i = 0; i < std::min(kShown, which.size(0)); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", which[i].item<int64_t>());
  return text + (which.size(0) > kShown ? ", ..." : "");
}

}  // namespace

const std::vector<std::string>& further_metrics() {
  static const std::vector<std::string> all{"parzen", "nearest"};
  return all;
}

void add_parzen(Report& report, const FurtherInput& input, const ParzenOptions& options) {
  const auto [choosing, testing] = parzen_examples(input.split);
  say(input, "parzen: choosing sigma");
  const auto width = choose_width(choosing.rows, input.rows);
  say(input, fmt::format("parzen: {}", testing.name));
  const auto score = parzen_score(testing.rows, input.rows, width.sigma);
  auto& metrics = report.metrics;
  metrics.push_back(
      {"parzen", score.value, score.standard_error, "higher",
       fmt::format("log-likelihood of {} under {} samples, nats", testing.name, grouped(input.rows.size(0)))});
  if (options.folds > 0) {
    const auto folds = parzen_over_folds(folds_of(testing.rows, options.folds), input.rows);
    metrics.push_back({"parzen_folds", folds.value, folds.standard_error, "higher",
                       fmt::format("over {} folds, each with a sigma that the others choose", options.folds)});
  }
  if (options.more) metrics.push_back(streamed(input, options, testing, width.sigma));
  if (const auto own = by_class(input, choosing, testing))
    metrics.push_back({"parzen_by_class", own->value, own->standard_error, "higher",
                       "each example under the samples of its class, with a sigma for each class"});
  metrics.push_back({"parzen_sigma", width.sigma, std::nullopt, "", width_note(width, choosing)});
  metrics.push_back({"parzen_ceiling", parzen_ceiling(testing.rows.size(1), width.sigma), std::nullopt, "",
                     "the largest value that this sigma allows"});
  add_baselines(report, input, choosing, testing);
}

Nearest add_nearest(Report& report, const FurtherInput& input) {
  const auto& [train, held_out, test] = input.split;
  const auto& unseen = held_out ? held_out : test;
  if (!unseen)
    fail(Fault::data, "{}: nearest needs held-out examples, to know how near unseen ones are; set data.held_out",
         train->info().name);
  const auto count = std::min(kMostSearched, train->info().size);
  say(input, fmt::format("the nearest of {} training examples", grouped(count)));
  const auto found = nearest_examples(input.rows, *train, count);
  const auto of_unseen =
      nearest_examples(plain_rows(*unseen, stratified_indices(unseen->info().size, kUnseen)), *train, count);
  const auto copies = found.distance.eq(0).nonzero().flatten();
  const auto near = share_near(found.distance, near_threshold(of_unseen.distance));
  const auto n = static_cast<double>(found.distance.size(0));
  auto& metrics = report.metrics;
  metrics.push_back({"copies", static_cast<double>(copies.size(0)) / n, std::nullopt, "lower",
                     fmt::format("share that is the same as one of {} training examples", grouped(count))});
  metrics.push_back({"near_copies", near, std::nullopt, "lower",
                     "share nearer to a training example than 99 % of held-out examples are"});
  metrics.push_back({"train_distance", found.distance.mean().item<double>() / of_unseen.distance.mean().item<double>(),
                     std::nullopt, "",
                     "mean distance to the nearest training example; 1 for held-out examples, 0 for copies"});
  if (copies.size(0) > 0)
    report.notes.push_back(fmt::format("{} of {} samples are copies of training examples: number {}",
                                       grouped(copies.size(0)), grouped(found.distance.size(0)), numbers_of(copies)));
  constexpr double kMany = 0.1;
  if (near > kMany)
    report.notes.push_back(
        fmt::format("{:.0f} % of the samples are nearer to a training example than unseen examples "
                    "usually are (1 %): the generator may be memorising",
                    100 * near));
  return found;
}

}  // namespace duet
