#include "duet/train/loop.h"

#include <chrono>
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/shell.h"
#include "duet/data/feed.h"
#include "duet/data/memory.h"
#include "duet/score/scorer.h"
#include "duet/train/loop_events.h"
#include "duet/train/model_file.h"
#include "duet/train/pictures.h"
#include "duet/train/recipe_checks.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"
#include "duet/version.h"

namespace duet {
namespace {

using Steady = std::chrono::steady_clock;

/// A text of checkpoints that were saved before the score of the same moment.
constexpr const char* kScoreDue = "score_due";

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

/// A score was left for later, because the run is to stop.
struct Interrupted {};

/// A run in progress: the trainer, and everything that watches it.
class Loop {
 public:
  Loop(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
       std::optional<TensorFile> checkpoint, torch::Device device)
      : run_(run), recipe_(recipe), data_(data), hooks_(hooks), facts_(facts_of(run, data)), device_(device) {
    if (game_spec(recipe, facts_).maker()) sampler_.emplace(recipe, facts_, device);
    const auto cursor = checkpoint ? Trainer::saved_cursor(*checkpoint) : 0;
    make_trainer(cursor, step_graph_of(recipe, device));
    for (const auto& line : check_together(recipe, trainer_->networks(), some_vectors(data))) note(line);
    if (checkpoint) resume(*checkpoint);
    // Without a checkpoint nothing of what was stands, its beginning neither.
    run_.forget_events_after(checkpoint ? cursor : -1);
    beginning_ = {.kimg = trainer_->kimg(),
                  .device = device.str(),
                  .precision = settled_precision(recipe, device),
                  .threads = at::get_num_threads(),
                  .parameters = {}};
    for (const auto& [name, network] : trainer_->networks())
      beginning_.parameters.emplace_back(name, network->parameter_count());
    resumed_ = checkpoint.has_value();
    check_scorable(recipe, data);
    if (!data.facts.pictures && data.split.held_out) real_ = some_examples(*data.split.held_out, 2000);
  }

  Outcome run() try {
    if (hooks_.ready) hooks_.ready();
    tell_beginning();
    begin_ = Steady::now();
    begin_rounds_ = trainer_->rounds();
    begin_kimg_ = scored_kimg_ = trainer_->kimg();
    double kimg = begin_kimg_;
    bool stop = false;
    if (kimg == 0) show();
    const bool left_a_score = score_due_;
    if (score_due_) stop = !score_and_save(kimg, /*saves=*/true);
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
      const bool shows = due(recipe_.sample_every) || is_early_sheet(before, kimg);
      try {
        // The reading also finds what is not finite, so nothing is shown or saved without one.
        if (due(recipe_.tick) || shows || scores || saves) tick(kimg);
        if (shows) show();
        score_due_ = scores;
        if (saves) save();
        if (scores && !score_and_save(kimg, saves)) stop = true;
      } catch (const Error& error) {
        // What only watches could not be written.
        if (error.fault() == Fault::device) save_and_fail(error);
        throw;
      }
    }
    outcome_.finished = kimg >= recipe_.kimg && !score_due_;
    outcome_.kimg = kimg;
    if (kimg > begin_kimg_ || left_a_score) run_.append(stop_event(outcome_.finished, images()));
    animate();
    return outcome_;
  } catch (const Error& error) {
    if (error.fault() == Fault::diverged && trainer_->divergence()) explain(*trainer_->divergence());
    throw;
  }

 private:
  void make_trainer(int64_t cursor, MakeStepGraph graphs) {
    trainer_.reset();  // it borrows the feed
    if (!train_) train_ = keep_in_memory(data_.split.train, recipe_.data.memory_bytes());
    feed_ = std::make_unique<Feed>(train_,
                                   FeedOptions{.batch = recipe_.batch,
                                               .mirror = recipe_.data.mirror && data_.facts.pictures,
                                               .seed = recipe_.seed,
                                               .threads = recipe_.data.threads},
                                   cursor);
    trainer_ = std::make_unique<Trainer>(
        recipe_, facts_, *feed_, [this] { return mean_example(data_, facts_.scale, recipe_.data.value_range()); },
        device_, std::move(graphs));
  }

  /// Columns are moved as when the run began: other examples, or another version of duet, would measure others.
  static DataFacts facts_of(const RunFolder& run, const TrainingData& data) {
    auto facts = data.facts;
    facts.scale = duet::facts_of(run).scale;
    return facts;
  }

  int64_t images() const { return feed_->cursor(); }
  void note(const std::string& text) const {
    if (hooks_.note) hooks_.note(text);
  }

  void tell_beginning() const {
    run_.append(begin_event(beginning_, recipe_, resumed_, images()));
    if (hooks_.begun) hooks_.begun(beginning_);
  }

  /// Whether a round from `before` to `kimg` crossed 1, 2, 4 ... kimg: what a training will be shows early.
  bool is_early_sheet(double before, double kimg) const {
    for (double at = kFirstSheet; at < recipe_.sample_every; at *= 2)
      if (before < at && kimg >= at) return true;
    return false;
  }

  /// It only shows, so whatever hinders it does not hinder the run.
  void animate() try { outcome_.animation = write_film(run_, images()); } catch (const Error& error) {
    note(fmt::format("no film of the sheets: {}", error.what()));
  }

  void tell_of_capture() {
    if (told_of_capture_ || trainer_->capture().empty()) return;
    told_of_capture_ = true;
    note(trainer_->capture());
  }

  void resume(const TensorFile& checkpoint) {
    trainer_->load(checkpoint);
    if (checkpoint.texts.contains("best")) {
      outcome_.best = checkpoint.real("best");
      outcome_.best_kimg = checkpoint.real("best_kimg");
      // Runs of earlier versions did not name it.
      if (checkpoint.texts.contains("best_metric")) outcome_.best_metric = checkpoint.text("best_metric");
    }
    run_.forget_events_after(images());
    score_due_ = checkpoint.texts.contains(kScoreDue) && recipe_.score.every > 0;
    if (score_due_) run_.forget_score_at(images());
    if (std::filesystem::exists(run_.sample_path(images()))) outcome_.sheet = run_.sample_path(images());
    note(fmt::format("resumed at {:.3f} kimg", trainer_->kimg()));
    if (const auto text = of_another_version(checkpoint); !text.empty()) note(text);
  }

  /// At the first score: it takes seconds, and a run that is complete needs none.
  void make_scorer() {
    ScorerOptions options;
    options.features.kind = recipe_.score.features;
    options.features.classifier.range = recipe_.data.value_range();
    options.features.classifier.note = [this](const std::string& text) { note(text); };
    options.features.classifier.progress = [this](const ClassifierProgress& progress) {
      give_up_if_asked();
      if (hooks_.classifier) hooks_.classifier(progress);
    };
    options.phase = [this](const std::string& what) {
      give_up_if_asked();
      if (hooks_.doing) hooks_.doing(what);
    };
    scorer_.emplace(*data_.split.train, data_.split.held_out.get(), recipe_.data.spec, options);
    if (const auto& of_reference = scorer_->note(Half::decide); !of_reference.empty()) note(of_reference);
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
    run_.append(tick_event(progress, images()));
    if (hooks_.tick) hooks_.tick(progress);
  }

  /// Samples are made with the weights as they are now.
  void load_sampler() {
    if (std::exchange(loaded_at_, trainer_->rounds()) != trainer_->rounds()) sampler_->load(*trainer_);
  }

  void show() {
    if (!sampler_) return draw_curves();
    load_sampler();
    const auto sheet = progress_sheet(*sampler_, real_, recipe_.seed);
    if (!sheet.pixels.empty()) write_png(outcome_.sheet = run_.sample_path(images()), sheet);
    draw_curves();
  }

  void draw_curves() const {
    const auto picture = curves(run_.events());
    if (!picture.pixels.empty()) write_png(run_.curves_path(), picture);
  }

  /// A score takes longest of all that is done between rounds, so whoever stops a run need not wait for it.
  void give_up_if_asked() const {
    if (hooks_.should_stop && hooks_.should_stop()) throw Interrupted{};
  }

  /// The score that is due. The checkpoint has been saved before it, with a note that it is due, so that whatever ends
  /// the run meanwhile costs the score alone; now it is saved with what the score has changed. False where the run is
  /// to stop: the score is made when it goes on.
  bool score_and_save(double kimg, bool saves) try {
    give_up_if_asked();
    timed_score(kimg);
    score_due_ = false;
    if (saves) save();
    return true;
  } catch (const Interrupted&) {
    sampler_->watch({});
    if (!saves) save();
    return false;
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
    load_sampler();
    const Sampler::Request request{.count = recipe_.score.samples, .seed = recipe_.seed + 1};
    sampler_->watch([this](int64_t) { give_up_if_asked(); });
    auto values = sampler_->sample_values(request);
    sampler_->watch({});
    const auto& shape = data_.facts.shape;
    values = values.reshape({-1, shape.channels, shape.height, shape.width});
    auto report = scorer_->score(values, recipe_.data.value_range(), sampler_->labels(request), Half::decide);
    const bool best = !outcome_.best || report.primary.value < *outcome_.best;
    run_.append(score_event(report, best, images()));
    if (best) {
      outcome_.best = report.primary.value;
      outcome_.best_kimg = kimg;
      outcome_.best_metric = report.primary.name;
      run_.save_best(state());
      run_.append(best_event(report, images()));
    }
    if (hooks_.scored) hooks_.scored(report, best);
    outcome_.score = std::move(report);
    draw_curves();
  }

  TensorFile state() {
    auto file = trainer_->save();
    if (sampler_) {
      load_sampler();
      sampler_->save_statistics(file);
    }
    file.texts["duet"] = kVersion;
    describe_model(file, recipe_, facts_, catalogues());
    if (outcome_.best) {
      file.texts["best"] = fmt::format("{}", *outcome_.best);
      file.texts["best_metric"] = outcome_.best_metric;
      file.texts["best_kimg"] = fmt::format("{}", outcome_.best_kimg);
    }
    return file;
  }

  /// Throws what there is to say of numbers that are not finite: who made them so, and what to do.
  [[noreturn]] void explain(const Divergence& found) {
    const auto newest = run_.newest({});
    Ending ending{.divergence = found, .remedy = remedy(*trainer_, found, *data_.split.train), .run = run_.path()};
    if (newest) ending.kimg = static_cast<double>(Trainer::saved_cursor(*newest)) / 1000;
    if (const auto begin = newest ? newest->whole("rounds") : 0; can_play_again(found.round - begin)) try {
        if (hooks_.doing) hooks_.doing("looking for the step that did it");
        make_trainer(newest ? Trainer::saved_cursor(*newest) : 0, {});
        if (newest) trainer_->load(*newest);
        const auto stop = [this] { return hooks_.should_stop && hooks_.should_stop(); };
        ending.cause = find_cause(*trainer_, ending.divergence, stop);
        if (ending.cause) ending.remedy = remedy(*trainer_, *ending.cause, *data_.split.train);
      } catch (const std::exception&) {
        // As where memory does not suffice: what is known without it is said.
      }
    fail(Fault::diverged, "{}", ending.text());
  }

  /// Whether that many rounds take well under a minute.
  bool can_play_again(int64_t rounds) const {
    constexpr double kPatience = 45;
    const auto made = std::max<int64_t>(1, trainer_->rounds() - begin_rounds_);
    return static_cast<double>(rounds + 1) * seconds_since(begin_) / static_cast<double>(made) < kPatience;
  }

  [[noreturn]] void save_and_fail(const Error& error) {
    double kimg = trainer_->kimg();
    try {
      save();
    } catch (const Error&) {
      const auto newest = run_.newest({});
      if (!newest) fail(error.fault(), "{}; nothing of the training is saved yet", error.what());
      kimg = static_cast<double>(Trainer::saved_cursor(*newest)) / 1000;
    }
    fail(error.fault(), "{}; the training is saved at {:g} kimg: go on with duet train {} --resume", error.what(), kimg,
         shell_quoted(run_.path().string()));
  }

  void save() {
    auto file = state();
    if (score_due_) file.texts[kScoreDue] = "yes";
    run_.save_checkpoint(file, images(), recipe_.keep);
  }

  RunFolder& run_;
  const Recipe& recipe_;
  const TrainingData& data_;
  const LoopHooks& hooks_;
  const DataFacts facts_;
  torch::Device device_;
  std::optional<Sampler> sampler_;        ///< none of a game that makes no samples
  std::shared_ptr<const Dataset> train_;  ///< the examples that train, decoded ones kept
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<Trainer> trainer_;
  std::optional<Scorer> scorer_;
  Beginning beginning_;
  bool resumed_ = false;
  bool told_of_capture_ = false;
  bool score_due_ = false;  ///< here, and not made yet
  int64_t loaded_at_ = -1;  ///< rounds played when the sampler was loaded
  Tensor real_;
  Outcome outcome_;
  Steady::time_point begin_;
  double begin_kimg_ = 0;
  int64_t begin_rounds_ = 0;
  double scorer_seconds_ = 0, score_seconds_ = 0;  ///< spent on making the scorer, and on the scores
  double scores_made_ = 0;
  double scored_kimg_ = 0;  ///< where the last score was made; where the run began before the first
};

}  // namespace

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
