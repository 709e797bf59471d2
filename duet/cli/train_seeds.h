#pragma once

#include "duet/cli/train_run.h"

namespace duet {

/// Trains `count` runs that differ in their seed alone, one after the other, each in a folder seed-N of one folder, and
/// prints mean and spread of their scores. Finished runs are skipped, and stopped ones continued. Training goes on
/// after a run that diverged; that is an Error(diverged) at the end. Throws Error(usage) where a run of that folder has
/// another recipe.
void train_seeds(const TrainOptions& options, int64_t count);

}  // namespace duet
