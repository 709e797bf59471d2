#include "duet/cli/score_further.h"

#include <algorithm>

#include "duet/cli/output_path.h"
#include "duet/core/error.h"
#include "duet/core/paths.h"
#include "duet/core/shell.h"
#include "duet/data/tensors.h"
#include "duet/picture/sheet.h"
#include "duet/score/further_metrics.h"
#include "duet/train/pictures.h"

namespace duet {
namespace {

constexpr int64_t kPairs = 40, kPairsOfRow = 5;

/// Samples as plain_rows, not rounded: pictures as 0..1.
Tensor rows_of(const Tensor& values, Range range) {
  const auto rows = plain_rows(values);
  const bool pictures = values.size(2) > 1 || values.size(3) > 1;
  if (!pictures || values.scalar_type() == torch::kUInt8) return rows;
  return ((rows - range.low) / (range.high - range.low)).clamp_(0, 1);
}

/// Pairs of a sample and its nearest training example, the nearest pairs first.
void write_panel(const FurtherChoice& choice, const FurtherSamples& samples, const Nearest& nearest,
                 const Dataset& train) {
  const auto order = nearest.distance.argsort().narrow(0, 0, std::min(kPairs, nearest.distance.size(0)));
  const auto shown = samples.values.index_select(0, order);
  const auto mine = pictures_of(shown.scalar_type() == torch::kUInt8 ? shown : to_bytes(shown, samples.range));
  const auto indices = nearest.index.index_select(0, order).contiguous();
  const auto theirs =
      pictures_of(read_examples(train, std::span(indices.data_ptr<int64_t>(), static_cast<size_t>(indices.size(0)))));
  std::vector<Image> pairs;
  for (size_t i = 0; i < mine.size(); ++i) pairs.insert(pairs.end(), {mine[i], theirs[i]});
  std::vector<std::string> names;
  for (int64_t i = 0; i < kPairsOfRow; ++i) names.insert(names.end(), {"made", "trained"});
  write_png(resolve_link(choice.panel),
            sheet(pairs, {.columns = static_cast<int>(2 * kPairsOfRow), .column_names = names}));
}

}  // namespace

bool FurtherChoice::wants(const std::string& metric) const {
  return std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
}

void FurtherChoice::add_options(CLI::App& verb) {
  verb.add_option(
          "--metrics", metrics,
          "further metrics: parzen (log-likelihood under a Parzen window), nearest (copies of training examples)")
      ->delimiter(',')
      ->check(one_of(further_metrics()));
  verb.add_option("--nearest", panel, "F.png: the samples nearest to a training example, each beside it");
  verb.add_option("--folds", folds, "parzen: also over so many folds of the test examples")
      ->check(between(2, 100, "5 is usual"));
  verb.add_option("--to-error", error,
                  "parzen of a run: also with more samples, up to 30 times as many, until their error is at most this")
      ->check(between(1e-6, 1e6, "nats, such as 0.5"));
}

void FurtherChoice::check(bool makes_more) const {
  if ((folds > 0 || error > 0) && !wants("parzen"))
    fail(Fault::usage, "{}: is for the metric parzen; add --metrics parzen", folds > 0 ? "--folds" : "--to-error");
  if (error > 0 && !makes_more)
    fail(Fault::usage, "--to-error: needs a run or a checkpoint, which can make more samples; leave it out");
  if (panel.empty()) return;
  refuse_tilde("--nearest", panel);
  if (!panel.ends_with(".png")) fail(Fault::usage, "--nearest {}: expected a .png file", panel);
  check_output_path(panel, "a file", "a file; give another name");
}

void FurtherChoice::check(const DatasetInfo& data) const {
  if (!panel.empty() && data.shape.is_vector())
    fail(Fault::usage, "--nearest {}: {} holds vectors, which have no pictures; use --metrics nearest", panel,
         data.name);
}

void add_further(Report& report, const FurtherChoice& choice, const FurtherSamples& samples, const Split& split,
                 Phases& phases) {
  const FurtherInput input{split, rows_of(samples.values, samples.range), samples.labels,
                           [&](const std::string& what) { phases.begin(what); }};
  if (choice.wants("parzen")) {
    ParzenOptions options{.folds = choice.folds, .more = {}, .error = choice.error};
    if (choice.error > 0)
      options.more = [&](int64_t first, int64_t count) { return rows_of(samples.more(first, count), samples.range); };
    add_parzen(report, input, options);
  }
  if (!choice.wants("nearest") && choice.panel.empty()) return;
  const auto nearest = add_nearest(report, input);
  if (!choice.panel.empty()) write_panel(choice, samples, nearest, *split.train);
}

}  // namespace duet
