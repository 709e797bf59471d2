#pragma once

#include <optional>

#include "duet/score/classifier.h"
#include "duet/score/report.h"
#include "duet/train/cadence.h"
#include "duet/train/runs.h"
#include "duet/train/training_data.h"

namespace duet {

/// Facts about a training when it starts or resumes.
struct StartInfo {
  double kimg = 0;
  std::string device, precision;  ///< "cpu", "bf16"
  int threads = 1;
  std::vector<std::pair<std::string, int64_t>> parameters;  ///< by network
};

/// One line of the log.
struct Progress {
  double kimg = 0, total_kimg = 0;
  double images_per_second = 0;
  double seconds_left = 0;                            ///< estimated from the speed of training and of scores so far
  std::vector<std::pair<std::string, double>> terms;  ///< means since the last line
  std::vector<std::pair<std::string, double>> time_shares;  ///< data, each player, other: of 1
};

/// Callbacks for progress, and how the caller stops a training. All may be empty.
struct LoopHooks {
  std::function<void()> ready;                    ///< after a checkpoint was loaded, before the first round
  std::function<void(const StartInfo&)> started;  ///< after `ready`
  std::function<void(const Progress&)> tick;
  std::function<void(double kimg)> round_done;  ///< after every round
  std::function<void(const std::string&)> note;
  /// Called with what begins between rounds if it may take seconds.
  std::function<void(const std::string&)> doing;
  /// While the classifier for scores is trained.
  std::function<void(const ClassifierProgress&)> classifier;
  std::function<void(const Report&, bool best)> scored;
  std::function<bool()> should_stop;  ///< called after every round, and during a score
};

struct Outcome {
  bool finished = false;  ///< false: stopped by should_stop
  double kimg = 0;
  std::filesystem::path sheet;      ///< newest sheet; empty if none
  std::filesystem::path animation;  ///< of all sheets; empty if there are fewer than two
  std::optional<Report> score;      ///< the last one
  std::optional<double> best;       ///< primary metric of the best checkpoint
  std::string best_metric;          ///< its name
  double best_kimg = 0;
};

/// Trains `run` from its newest undamaged checkpoint, or from the beginning, to recipe.kimg, with ticks, sheets, scores
/// and checkpoints at the recipe's intervals. None of them affects the random numbers or results of training, so a run
/// that was stopped anywhere and resumed ends with the same bytes. Throws Error(diverged, data, device, checkpoint).
Outcome train(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
              torch::Device device = torch::kCPU);
/// The same from a checkpoint that has been read already (RunFolder::newest); without one from the beginning.
Outcome train(RunFolder& run, const Recipe& recipe, const TrainingData& data, const LoopHooks& hooks,
              std::optional<TensorFile> checkpoint, torch::Device device = torch::kCPU);

}  // namespace duet
