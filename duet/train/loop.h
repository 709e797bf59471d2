#pragma once

#include <optional>

#include "duet/score/classifier.h"
#include "duet/score/report.h"
#include "duet/train/cadence.h"
#include "duet/train/runs.h"
#include "duet/train/training_data.h"

namespace duet {

/// What a training begins, or goes on, with.
struct Beginning {
  double kimg = 0;
  std::string device, precision;  ///< "cpu", "bf16"
  int threads = 1;
  std::vector<std::pair<std::string, int64_t>> parameters;  ///< by network
};

/// One line of the log.
struct Progress {
  double kimg = 0, total_kimg = 0;
  double images_per_second = 0;
  double seconds_left = 0;  ///< of training at its pace so far, and of the scores that will be made at theirs
  std::vector<std::pair<std::string, double>> terms;        ///< means since the last line
  std::vector<std::pair<std::string, double>> time_shares;  ///< data, each player, other: of 1
};

/// What the caller is told while training, and how it stops it. All may be empty.
struct LoopHooks {
  std::function<void()> ready;                  ///< when a checkpoint has been taken up, before the first round
  std::function<void(const Beginning&)> begun;  ///< after it
  std::function<void(const Progress&)> tick;
  std::function<void(double kimg)> moved;  ///< after every round
  std::function<void(const std::string&)> note;
  /// What begins between rounds and may take seconds.
  std::function<void(const std::string&)> doing;
  /// While the classifier that scores are made with is trained.
  std::function<void(const ClassifierProgress&)> classifier;
  std::function<void(const Report&, bool best)> scored;
  std::function<bool()> should_stop;  ///< asked after every round, and while a score is made
};

struct Outcome {
  bool finished = false;  ///< false: stopped by should_stop
  double kimg = 0;
  std::filesystem::path sheet;      ///< newest sample sheet; empty when none
  std::filesystem::path animation;  ///< of all sheets; empty when there are fewer than two
  std::optional<Report> score;      ///< the last one
  std::optional<double> best;       ///< primary metric of the best checkpoint
  std::string best_metric;          ///< its name
  double best_kimg = 0;
};

/// Trains `run` from its newest whole checkpoint, or from the beginning, to recipe.kimg. Ticks, sheets, scores and
/// checkpoints at the recipe's cadences; none of them touches what training draws or computes, so a run that was
/// stopped anywhere and resumed ends with the same bytes. Throws Error(diverged, data, device, checkpoint).
Outcome train(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
              torch::Device device = torch::kCPU);
/// The same from a checkpoint that has been read already (RunFolder::newest); without one from the beginning.
Outcome train(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
              std::optional<TensorFile> checkpoint, torch::Device device = torch::kCPU);

}  // namespace duet
