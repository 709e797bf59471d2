#include "duet/train/watch_checkpoint.h"

#include "duet/core/shell.h"
#include "duet/train/model_file.h"
#include "duet/version.h"

namespace duet {
namespace {

/// Text of checkpoints that were saved before the score at the same point.
constexpr const char* kScoreDue = "score_due";

}  // namespace

TensorFile CheckpointWatcher::state() {
  auto& w = watched_;
  auto file = w.trainer->save();
  if (w.sampler) {
    w.load_sampler();
    w.sampler->save_statistics(file);
  }
  file.texts["duet"] = kVersion;
  describe_model(file, w.recipe, w.facts, catalogues());
  if (w.outcome.best) {
    file.texts["best"] = fmt::format("{}", *w.outcome.best);
    file.texts["best_metric"] = w.outcome.best_metric;
    file.texts["best_kimg"] = fmt::format("{}", w.outcome.best_kimg);
  }
  return file;
}

void CheckpointWatcher::save(bool score_due) {
  auto file = state();
  if (score_due) file.texts[kScoreDue] = "yes";
  watched_.run.save_checkpoint(file, watched_.images(), watched_.recipe.keep);
}

bool CheckpointWatcher::take_up(const TensorFile& checkpoint) {
  auto& outcome = watched_.outcome;
  if (checkpoint.texts.contains("best")) {
    outcome.best = checkpoint.real("best");
    outcome.best_kimg = checkpoint.real("best_kimg");
    // Runs of earlier versions do not name it.
    if (checkpoint.texts.contains("best_metric")) outcome.best_metric = checkpoint.text("best_metric");
  }
  return checkpoint.texts.contains(kScoreDue);
}

void CheckpointWatcher::save_and_fail(const Error& error, bool score_due) {
  double kimg = watched_.kimg();
  try {
    save(score_due);
  } catch (const Error&) {
    const auto newest = watched_.run.newest({});
    if (!newest) fail(error.fault(), "{}; nothing of the training is saved yet", error.what());
    kimg = static_cast<double>(Trainer::saved_cursor(*newest)) / 1000;
  }
  fail(error.fault(), "{}; the training is saved at {:g} kimg; resume with: duet train {} --resume", error.what(), kimg,
       shell_quoted(watched_.run.path().string()));
}

}  // namespace duet
