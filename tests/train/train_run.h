#pragma once

#include "duet/train/loop.h"
#include "tests/train/tiny.h"

namespace duet {

/// Trains a new run, or goes on with one.
inline Outcome train_run(const std::filesystem::path& path, const Recipe& recipe, const LoopHooks& hooks = {}) {
  const auto data = open_training_data(recipe);
  auto run = std::filesystem::exists(path) ? RunFolder::open(path) : create_run(path, recipe, data.facts, catalogues());
  run.lock();
  return train(run, recipe, data, hooks);
}

}  // namespace duet
