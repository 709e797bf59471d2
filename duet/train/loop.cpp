#include "duet/train/loop.h"

#include <chrono>
#include <cmath>

#include "duet/core/error.h"
#include "duet/data/feed.h"
#include "duet/data/memory.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/scorer.h"
#include "duet/train/column_measures.h"
#include "duet/train/pictures.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"

namespace duet {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

std::vector<double> class_shares(const Dataset& data) {
  std::vector<double> share(data.info().classes.size(), 0);
  const auto indices = stratified_indices(data.info().size, 100'000);
  if (!share.empty())
    for (const auto index : indices)
      share[static_cast<size_t>(data.label(index))] += 1.0 / static_cast<double>(indices.size());
  return share;
}

/// A run in progress: the trainer, and everything that watches it.
class Loop {
 public:
  Loop(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
       std::optional<TensorFile> checkpoint, torch::Device device)
      : run_(run),
        recipe_(recipe),
        data_(data),
        hooks_(hooks),
        facts_(facts_of(run, data)),
        sampler_(recipe, facts_, device) {
    const auto cursor = checkpoint ? Trainer::saved_cursor(*checkpoint) : 0;
    feed_ = std::make_unique<Feed>(keep_in_memory(data.split.train, recipe.data.memory_bytes()),
                                   FeedOptions{.batch = recipe.batch,
                                               .mirror = recipe.data.mirror && data.facts.pictures,
                                               .seed = recipe.seed,
                                               .threads = recipe.data.threads},
                                   cursor);
    trainer_ = std::make_unique<Trainer>(
        recipe, facts_, *feed_, [this] { return mean_example(); }, device, step_graph_of(recipe, device));
    if (checkpoint) resume(*checkpoint);
    run_.forget_events_after(cursor);
    check_scorable(recipe, data);
    real_ = data.facts.pictures || !data.split.held_out ? Tensor() : held_out(2000);
  }

  Outcome run() {
    if (hooks_.ready) hooks_.ready();
    begin_ = Steady::now();
    begin_kimg_ = scored_kimg_ = trainer_->kimg();
    double kimg = begin_kimg_;
    bool stop = false;
    if (kimg == 0) show();
    while (kimg < recipe_.kimg && !stop) {
      trainer_->round();
      const double before = std::exchange(kimg, trainer_->kimg());
      if (hooks_.moved) hooks_.moved(kimg);
      tell_of_capture();
      stop = hooks_.should_stop && hooks_.should_stop();
      const bool last = kimg >= recipe_.kimg;
      const auto due = [&](double every) {
        // 1.2 / 0.4 is a little under 3 in floating point.
        const auto times = [every](double at) { return std::floor(at / every + 1e-9); };
        return last || times(kimg) > times(before);
      };
      const bool saves = due(recipe_.checkpoint_every) || stop;
      const bool scores = recipe_.score.every > 0 && due(recipe_.score.every);
      // The reading also finds what is not finite, so nothing is shown or saved without one.
      if (due(recipe_.tick) || due(recipe_.sample_every) || scores || saves) tick(kimg);
      if (due(recipe_.sample_every)) show();
      if (scores) timed_score(kimg);
      if (saves) save();
    }
    outcome_.finished = kimg >= recipe_.kimg;
    outcome_.kimg = kimg;
    return outcome_;
  }

 private:
  /// Columns are moved as when the run began: other examples, or another version of duet, would measure others.
  static DataFacts facts_of(const RunFolder& run, const TrainingData& data) {
    auto facts = data.facts;
    facts.scale = run.facts().scale;
    return facts;
  }

  int64_t images() const { return feed_->cursor(); }
  void note(const std::string& text) const {
    if (hooks_.note) hooks_.note(text);
  }

  void tell_of_capture() {
    if (told_of_capture_ || trainer_->capture().empty()) return;
    told_of_capture_ = true;
    note(trainer_->capture());
  }

  void resume(const TensorFile& checkpoint) {
    trainer_->load(checkpoint);
    if (checkpoint.texts.contains("best")) {
      outcome_.best = std::stod(checkpoint.text("best"));
      outcome_.best_kimg = std::stod(checkpoint.text("best_kimg"));
      // Runs of earlier versions did not name it.
      if (checkpoint.texts.contains("best_metric")) outcome_.best_metric = checkpoint.text("best_metric");
    }
    run_.forget_events_after(images());
    if (std::filesystem::exists(run_.sample_path(images()))) outcome_.sheet = run_.sample_path(images());
    note(fmt::format("resumed at {:.3f} kimg", trainer_->kimg()));
  }

  Tensor held_out(int64_t count) const {
    const auto& set = *data_.split.held_out;
    return read_examples(set, stratified_indices(set.info().size, count));
  }

  Tensor mean_example() const {
    const auto& set = *data_.split.train;
    const auto stored = read_examples(set, stratified_indices(set.info().size, 10'000));
    return to_values(stored, recipe_.data.value_range(), Columns(facts_.scale)).mean(0);
  }

  /// At the first score: it takes seconds, and a run that is complete needs none.
  void make_scorer() {
    ScorerOptions options;
    options.features.kind = recipe_.score.features;
    options.features.classifier.range = recipe_.data.value_range();
    options.features.classifier.note = [this](const std::string& text) { note(text); };
    options.features.classifier.progress = hooks_.classifier;
    options.phase = hooks_.doing;
    scorer_.emplace(*data_.split.train, *data_.split.held_out, recipe_.data.spec, options);
  }

  /// Scores stand still between rounds: their time is no part of the pace, and those to come are foreseen.
  double seconds_left(double kimg) const {
    const double training = seconds_since(begin_) - scorer_seconds_ - score_seconds_;
    const double left = training / (kimg - begin_kimg_) * std::max(0.0, recipe_.kimg - kimg);
    if (scores_made_ == 0) return left;
    const double every = recipe_.score.every;
    const double due = std::ceil(recipe_.kimg / every - 1e-9) - std::floor(scored_kimg_ / every + 1e-9);
    return left + std::max(0.0, due) * score_seconds_ / scores_made_;
  }

  void tick(double kimg) {
    const auto readings = trainer_->read();
    if (readings.images == 0) return;
    Progress progress;
    progress.kimg = kimg;
    progress.total_kimg = recipe_.kimg;
    progress.images_per_second = static_cast<double>(readings.images) / readings.seconds_total;
    progress.seconds_left = seconds_left(kimg);
    progress.terms = readings.means;
    double known = readings.seconds_data;
    progress.time_shares.emplace_back("data", readings.seconds_data / readings.seconds_total);
    for (const auto& [name, seconds] : readings.seconds) {
      progress.time_shares.emplace_back(name, seconds / readings.seconds_total);
      known += seconds;
    }
    progress.time_shares.emplace_back("other", std::max(0.0, 1 - known / readings.seconds_total));
    nlohmann::ordered_json event = {
        {"event", "tick"}, {"images", images()}, {"images_per_second", progress.images_per_second}};
    for (const auto& [name, value] : progress.terms) event["terms"][name] = value;
    for (const auto& [name, share] : progress.time_shares) event["time"][name] = share;
    run_.append(event);
    if (hooks_.tick) hooks_.tick(progress);
  }

  void show() {
    sampler_.load(*trainer_);
    const auto sheet = progress_sheet(sampler_, real_, recipe_.seed);
    if (!sheet.pixels.empty()) write_png(outcome_.sheet = run_.sample_path(images()), sheet);
    draw_curves();
  }

  void draw_curves() const {
    const auto picture = curves(run_.events());
    if (!picture.pixels.empty()) write_png(run_.curves_path(), picture);
  }

  void timed_score(double kimg) {
    const auto begin = Steady::now();
    if (!scorer_) make_scorer();
    const double making = seconds_since(begin);
    score(kimg);
    scorer_seconds_ += making;
    score_seconds_ += seconds_since(begin) - making;
    scores_made_ += 1;
    scored_kimg_ = kimg;
  }

  void score(double kimg) {
    if (hooks_.doing) hooks_.doing(fmt::format("scoring {} samples", recipe_.score.samples));
    sampler_.load(*trainer_);
    const Sampler::Request request{.count = recipe_.score.samples, .seed = recipe_.seed + 1};
    auto values = sampler_.sample_values(request);
    const auto& shape = data_.facts.shape;
    values = values.reshape({-1, shape.channels, shape.height, shape.width});
    auto report = scorer_->score(values, recipe_.data.value_range(), sampler_.labels(request), Half::decide);
    const bool best = !outcome_.best || report.primary.value < *outcome_.best;
    nlohmann::ordered_json event = {{"event", "score"}, {"images", images()}, {"best", best}};
    event.update(nlohmann::ordered_json::parse(to_json(report)));
    run_.append(event);
    if (best) {
      outcome_.best = report.primary.value;
      outcome_.best_kimg = kimg;
      outcome_.best_metric = report.primary.name;
      run_.save_best(state());
    }
    if (hooks_.scored) hooks_.scored(report, best);
    outcome_.score = std::move(report);
    draw_curves();
  }

  TensorFile state() const {
    auto file = trainer_->save();
    file.texts["duet"] = "0.1";
    file.texts["recipe"] = to_toml(recipe_, catalogues(), /*comments=*/false);
    if (outcome_.best) {
      file.texts["best"] = fmt::format("{}", *outcome_.best);
      file.texts["best_metric"] = outcome_.best_metric;
      file.texts["best_kimg"] = fmt::format("{}", outcome_.best_kimg);
    }
    return file;
  }

  void save() const { run_.save_checkpoint(state(), images(), recipe_.keep); }

  RunFolder& run_;
  const Recipe& recipe_;
  const TrainingData& data_;
  const LoopHooks& hooks_;
  const DataFacts facts_;
  Sampler sampler_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<Trainer> trainer_;
  std::optional<Scorer> scorer_;
  bool told_of_capture_ = false;
  Tensor real_;
  Outcome outcome_;
  Steady::time_point begin_;
  double begin_kimg_ = 0;
  double scorer_seconds_ = 0, score_seconds_ = 0;  ///< spent on making the scorer, and on the scores
  double scores_made_ = 0;
  double scored_kimg_ = 0;  ///< where the last score was made; where the run began before the first
};

}  // namespace

TrainingData open_training_data(const Recipe& recipe) {
  if (recipe.data.spec.empty())
    fail(Fault::recipe, "{}: names no data; give --data SPEC (a built-in name or a path, see `duet list datasets`)",
         recipe.name);
  const auto source = open_source(
      recipe.data.spec, {.resolution = recipe.data.resolution, .channels = recipe.data.channels, .seed = recipe.seed});
  TrainingData data;
  data.split = split_source(
      source,
      {.held_out = recipe.data.held_out, .how = recipe.data.split, .seed = recipe.seed, .limit = recipe.data.limit});
  const auto& info = data.split.train->info();
  data.facts = {.shape = info.shape,
                .pictures = info.element == Element::uint8,
                .classes = info.classes,
                .class_share = class_shares(*data.split.train),
                .columns = info.columns};
  if (!data.facts.pictures && info.shape.is_vector())
    data.facts.scale = column_scale(recipe, info, measure_columns(*data.split.train));
  return data;
}

void check_scorable(const Recipe& recipe, const TrainingData& data) {
  if (recipe.score.every <= 0) return;
  if (!data.split.held_out)
    fail(Fault::recipe, "score.every = {:g}, but data.held_out = 0 leaves nothing to compare with", recipe.score.every);
  if (const auto count = data.split.held_out->info().size; count < kLeastScored)
    fail(
        Fault::recipe,
        "score.every = {:g}, but {} held-out examples are too few for scores, expected at least {}; hold out more with "
        "data.held_out, or train without scores: --set score.every=0",
        recipe.score.every, count, kLeastScored);
}

Outcome train(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
              torch::Device device) {
  auto newest = run.newest(hooks.note);
  return train(run, recipe, data, hooks, std::move(newest), device);
}

Outcome train(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
              std::optional<TensorFile> checkpoint, torch::Device device) {
  return Loop(run, recipe, data, hooks, std::move(checkpoint), device).run();
}

}  // namespace duet
