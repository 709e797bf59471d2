#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duet/core/torch.h"
#include "duet/train/recipe.h"

namespace duet {

/// Options of `duet train`.
struct TrainOptions {
  std::string target;  ///< a recipe, or with `resume` a run folder
  std::string data, out, precision, device = "auto";
  std::vector<std::string> set;
  std::optional<int64_t> seed;
  std::optional<double> kimg;
  bool resume = false, accept_changes = false, dry_run = false;
};

/// The recipe that a new run on `device` would have. Prints notes on its keys on stderr.
Recipe recipe_to_train(const TrainOptions& options, torch::Device device);

/// Trains a new run and prints its progress.
void start_training(const TrainOptions& options);

/// Continues a run from its newest undamaged checkpoint.
void resume_training(const TrainOptions& options);

}  // namespace duet
