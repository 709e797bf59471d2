#include "duet/train/watch_score.h"

#include <cmath>

#include "duet/core/seconds.h"
#include "duet/train/loop_events.h"
#include "duet/train/view_score.h"

namespace duet {

ScoreWatcher::ScoreWatcher(Watched& watched) : watched_(watched), scored_kimg_(watched.kimg()) {}

ClassifierOptions ScoreWatcher::classifier_options() const {
  auto& w = watched_;
  ClassifierOptions options;
  options.range = w.sampler->range();
  options.note = [&w](const std::string& text) { w.note(text); };
  options.progress = [&w](const ClassifierProgress& progress) {
    w.give_up_if_asked();
    if (w.hooks.classifier) w.hooks.classifier(progress);
  };
  return options;
}

/// Created at the first score: it takes seconds, and a finished run needs none.
void ScoreWatcher::make_scorer() {
  auto& w = watched_;
  ScorerOptions options;
  options.features.kind = w.recipe.score.features;
  options.features.classifier = classifier_options();
  options.phase = [&w](const std::string& what) {
    w.give_up_if_asked();
    w.doing(what);
  };
  const auto device = w.trainer->weights(w.trainer->spec().networks.front().name).values().device();
  measurer_.emplace(w.recipe, w.facts, w.data, device);
  const auto compared = compared_split(w.recipe, w.data, w.like());
  scorer_.emplace(*compared.train, compared.held_out.get(), w.recipe.data_of(w.like()).spec, options);
  if (const auto& of_reference = scorer_->note(Half::decide); !of_reference.empty()) w.note(of_reference);
}

double ScoreWatcher::seconds_to_come() const {
  if (made_ == 0) return 0;
  const auto& recipe = watched_.recipe;
  const double every = recipe.score.every;
  const double due = std::ceil(recipe.kimg / every - 1e-9) - std::floor(scored_kimg_ / every + 1e-9);
  return std::max(0.0, due) * score_seconds_ / made_;
}

void ScoreWatcher::score(CheckpointWatcher& checkpoints) try {
  watched_.give_up_if_asked();
  const auto begin = Steady::now();
  if (!scorer_) make_scorer();
  const double making = seconds_since(begin);
  score_now(checkpoints);
  scorer_seconds_ += making;
  score_seconds_ += seconds_since(begin) - making;
  made_ += 1;
  scored_kimg_ = watched_.kimg();
} catch (const Interrupted&) {
  watched_.sampler->watch({});
  throw;
}

void ScoreWatcher::score_now(CheckpointWatcher& checkpoints) {
  auto& w = watched_;
  w.doing(fmt::format("scoring {} samples", w.recipe.score.samples));
  w.load_sampler();
  const Sampler::Request request{.count = w.recipe.score.samples, .seed = w.recipe.seed + 1};
  w.sampler->watch([&w](int64_t) { w.give_up_if_asked(); });
  auto values = w.sampler->sample_values(request);
  w.sampler->watch({});
  const auto& shape = w.facts.stream(w.like()).shape;
  values = values.reshape({-1, shape.channels, shape.height, shape.width});
  auto report =
      scorer_->score(values, w.sampler->range(), w.sampler->labels(request), Half::decide, w.sampler->codes(request));
  if (scorer_->classifier()) add_view_score(report, w.sampler->views(request), w.data, classifier_options());
  if (measurer_->has_any()) {
    measurer_->load(checkpoints.state());
    measurer_->add_to(report, scorer_->classifier(), {.half = Half::decide, .phase = [&w](const std::string& what) {
                                                        w.give_up_if_asked();
                                                        w.doing(what);
                                                      }});
  }
  const bool best = !w.outcome.best || report.primary.value < *w.outcome.best;
  w.run.append(score_event(report, best, w.images()));
  if (best) {
    w.outcome.best = report.primary.value;
    w.outcome.best_kimg = w.kimg();
    w.outcome.best_metric = report.primary.name;
    w.run.save_best(checkpoints.state());
    w.run.append(best_event(report, w.images()));
  }
  if (w.hooks.scored) w.hooks.scored(report, best);
  w.outcome.score = std::move(report);
}

}  // namespace duet
