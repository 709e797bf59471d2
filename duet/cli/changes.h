#pragma once

#include "duet/train/loop.h"
#include "duet/train/recipe.h"

namespace duet {

/// What is another in a recipe than it was, as "\n  key: then -> now" each; empty where nothing is. Throws
/// Error(recipe) where some of it changes what is computed and `accepted` is false. Where the data lie is not asked for
/// here: what they hold is, by check_data.
std::string check_recipe(const Recipe& then, const Recipe& now, bool accepted);

/// Opens the data of a run that is gone on with, which lie at `place`. Where nothing does, the message says how to name
/// another.
TrainingData open_run_data(const RunFolder& run, const Recipe& recipe, const Recipe& placed);

/// Throws Error(data) that lists what is another in the data than when the run was trained, unless `accepted`: labels
/// that have moved would teach wrong classes. `respelled`: data.spec is another than then, and what is known of the
/// data must vouch for them. Returns the list, as check_recipe does.
std::string check_data(const RunFolder& run, const DataFacts& now, bool respelled, bool accepted);

}  // namespace duet
