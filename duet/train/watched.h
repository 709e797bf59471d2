#pragma once

#include "duet/run/run_folder.h"
#include "duet/train/loop.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"

namespace duet {

/// Thrown to postpone a score because the run is to stop.
struct Interrupted {};

/// A run in progress, as its watchers see it. They use none of the training's random streams and change nothing that
/// training uses. Threads: not for several at once.
struct Watched {
  RunFolder& run;
  const Recipe& recipe;
  const TrainingData& data;
  const LoopHooks& hooks;
  DataFacts facts;
  std::map<std::string, std::unique_ptr<Feed>> feeds{};  ///< by stream
  std::unique_ptr<Trainer> trainer{};
  std::optional<Sampler> sampler{};  ///< none if the game makes no samples
  Outcome outcome{};                 ///< so far

  /// The stream that samples are like.
  const std::string& like() const { return trainer->spec().samples_like; }
  const Split& split() const { return data.split_of(like()); }
  int64_t images() const { return feeds.at("x")->cursor(); }
  double kimg() const { return trainer->kimg(); }
  void note(const std::string& text) const {
    if (hooks.note) hooks.note(text);
  }
  void doing(const std::string& text) const {
    if (hooks.doing) hooks.doing(text);
  }
  bool should_stop() const { return hooks.should_stop && hooks.should_stop(); }
  /// Scores take longest of everything between rounds, so stopping a run does not wait for them.
  void give_up_if_asked() const {
    if (should_stop()) throw Interrupted{};
  }
  /// Loads the current weights into the sampler.
  void load_sampler() {
    if (std::exchange(loaded_at, trainer->rounds()) != trainer->rounds()) sampler->load(*trainer);
  }

  int64_t loaded_at = -1;  ///< number of rounds when the sampler was loaded
};

}  // namespace duet
