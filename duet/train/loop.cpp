#include "duet/train/loop.h"

#include "duet/core/error.h"
#include "duet/data/memory.h"
#include "duet/train/cadence.h"
#include "duet/train/loop_events.h"
#include "duet/train/model_file.h"
#include "duet/train/recipe_checks.h"
#include "duet/train/watch_sheet.h"
#include "duet/train/watch_tick.h"

namespace duet {
namespace {

/// A run in progress: rounds, and after each the watchers that are due.
class Loop {
 public:
  Loop(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
       std::optional<TensorFile> checkpoint, torch::Device device)
      : watched_{.run = run, .recipe = recipe, .data = data, .hooks = hooks, .facts = facts_of_run(run, data)},
        device_(device),
        checkpoints_(watched_) {
    if (game_spec(recipe, watched_.facts).output_network()) watched_.sampler.emplace(recipe, watched_.facts, device);
    if (watched_.sampler) give_examples(*watched_.sampler, data);
    const auto cursor = checkpoint ? Trainer::saved_cursor(*checkpoint) : 0;
    make_trainer(cursors_of(checkpoint), step_graph_of(recipe, device));
    for (const auto& line : check_together(recipe, watched_.trainer->networks(), some_vectors(data, watched_.like())))
      watched_.note(line);
    if (checkpoint) resume(*checkpoint);
    // Without a checkpoint all earlier records are invalid, including the start.
    run.remove_events_after(checkpoint ? cursor : -1);
    resumed_ = checkpoint.has_value();
    check_scorable(recipe, data);
    sheets_.emplace(watched_);
  }

  Outcome run() try {
    auto& w = watched_;
    if (w.hooks.ready) w.hooks.ready();
    begin();
    ticks_.emplace(w);
    scores_.emplace(w);
    const double begin_kimg = w.kimg();
    begin_rounds_ = w.trainer->rounds();
    bool stop = false;
    if (begin_kimg == 0) sheets_->show();
    const bool left_a_score = score_due_;
    if (score_due_) or_saved([&] { stop = !score_and_save(/*saves=*/true); });
    while (w.kimg() < w.recipe.kimg && !stop) {
      const double before = w.kimg();
      w.trainer->round();
      if (w.hooks.round_done) w.hooks.round_done(w.kimg());
      tell_of_capture();
      stop = w.should_stop();
      const auto now_due = due(w.recipe, before, w.kimg(), stop);
      or_saved([&] {
        if (now_due.tick) ticks_->tick(*scores_);
        if (now_due.sheet) sheets_->show();
        score_due_ = now_due.score;
        if (now_due.checkpoint) checkpoints_.save(score_due_);
        if (now_due.score && !score_and_save(now_due.checkpoint)) stop = true;
      });
    }
    w.outcome.finished = w.kimg() >= w.recipe.kimg && !score_due_;
    w.outcome.kimg = w.kimg();
    if (w.kimg() > begin_kimg || left_a_score) w.run.append(stop_event(w.outcome.finished, w.images()));
    sheets_->animate();
    return w.outcome;
  } catch (const Error& error) {
    if (error.fault() == Fault::diverged && watched_.trainer->divergence()) explain(*watched_.trainer->divergence());
    throw;
  }

 private:
  static std::map<std::string, int64_t> cursors_of(const std::optional<TensorFile>& checkpoint) {
    return checkpoint ? Trainer::saved_cursors(*checkpoint) : std::map<std::string, int64_t>{};
  }

  void make_trainer(const std::map<std::string, int64_t>& cursors, MakeStepGraph graphs) {
    auto& w = watched_;
    w.trainer.reset();  // it borrows the feeds
    if (train_.empty()) {
      train_["x"] = w.data.split.train;
      for (const auto& [name, split] : w.data.streams) train_[name] = split.train;
      for (auto& [name, part] : train_) part = keep_in_memory(part, w.recipe.data_of(name).memory_bytes());
    }
    w.feeds = open_feeds(w.recipe, w.data, cursors, train_);
    w.trainer = std::make_unique<Trainer>(
        w.recipe, w.facts, Feeds(w.feeds),
        [&w](const std::string& stream) { return mean_example(w.recipe, w.data, w.facts, stream); }, device_,
        std::move(graphs));
  }

  static DataFacts facts_of_run(const RunFolder& run, const TrainingData& data) {
    auto facts = data.facts;
    scale_as_begun(facts, facts_of(run));
    return facts;
  }

  void begin() {
    auto& w = watched_;
    StartInfo beginning{.kimg = w.kimg(),
                        .device = device_.str(),
                        .precision = settled_precision(w.recipe, device_),
                        .threads = at::get_num_threads(),
                        .parameters = {}};
    for (const auto& [name, network] : w.trainer->networks())
      beginning.parameters.emplace_back(name, network->parameter_count());
    w.run.append(begin_event(beginning, w.recipe, resumed_, w.images()));
    if (w.hooks.started) w.hooks.started(beginning);
  }

  void resume(const TensorFile& checkpoint) {
    auto& w = watched_;
    w.trainer->load(checkpoint);
    w.run.remove_events_after(w.images());
    score_due_ = checkpoints_.take_up(checkpoint) && w.recipe.score.every > 0;
    if (score_due_) w.run.remove_score_at(w.images());
    if (std::filesystem::exists(w.run.sample_path(w.images()))) w.outcome.sheet = w.run.sample_path(w.images());
    w.note(fmt::format("resumed at {:.3f} kimg", w.kimg()));
    if (const auto text = of_another_version(checkpoint); !text.empty()) w.note(text);
  }

  void tell_of_capture() {
    const auto& text = watched_.trainer->capture();
    if (text != std::exchange(told_of_capture_, text)) watched_.note(text);
  }

  /// Saves the training even if the output of watchers cannot be written.
  void or_saved(const std::function<void()>& act) try { act(); } catch (const Error& error) {
    if (error.fault() == Fault::device) checkpoints_.save_and_fail(error, score_due_);
    throw;
  }

  /// Makes the score that is due. The checkpoint was saved before it, with a note that the score is due, so that
  /// whatever ends the run meanwhile loses only the score; now it is saved again with the score. False if the run is to
  /// stop: then the score is made after the resume.
  bool score_and_save(bool saves) try {
    scores_->score(checkpoints_);
    sheets_->draw_curves();
    score_due_ = false;
    if (saves) checkpoints_.save(/*score_due=*/false);
    return true;
  } catch (const Interrupted&) {
    if (!saves) checkpoints_.save(/*score_due=*/true);
    return false;
  }

  /// Throws the message about numbers that are not finite: the cause and the remedy.
  [[noreturn]] void explain(const Divergence& found) {
    auto& w = watched_;
    const auto newest = w.run.newest({});
    Ending ending{.divergence = found, .remedy = remedy(*w.trainer, found, *w.data.split.train), .run = w.run.path()};
    if (newest) ending.kimg = static_cast<double>(Trainer::saved_cursor(*newest)) / 1000;
    if (const auto begin = newest ? newest->whole("rounds") : 0; can_play_again(found.round - begin)) try {
        w.doing("searching for the step that caused it");
        make_trainer(cursors_of(newest), {});
        if (newest) w.trainer->load(*newest);
        ending.cause = find_cause(*w.trainer, ending.divergence, [&w] { return w.should_stop(); });
        if (ending.cause) ending.remedy = remedy(*w.trainer, *ending.cause, *w.data.split.train);
      } catch (const std::exception&) {
        // As when memory is insufficient: the message then has what is known without it.
      }
    fail(Fault::diverged, "{}", ending.text());
  }

  /// Whether this many rounds take well under a minute.
  bool can_play_again(int64_t rounds) const {
    constexpr double kPatience = 45;
    const auto made = std::max<int64_t>(1, watched_.trainer->rounds() - begin_rounds_);
    return ticks_ && static_cast<double>(rounds + 1) * ticks_->seconds() / static_cast<double>(made) < kPatience;
  }

  Watched watched_;
  torch::Device device_;
  std::map<std::string, std::shared_ptr<const Dataset>> train_;  ///< training examples by stream, decoded ones cached
  CheckpointWatcher checkpoints_;
  std::optional<SheetWatcher> sheets_;
  std::optional<TickWatcher> ticks_;
  std::optional<ScoreWatcher> scores_;
  bool resumed_ = false;
  std::string told_of_capture_;
  bool score_due_ = false;  ///< due at this point, and not made yet
  int64_t begin_rounds_ = 0;
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
