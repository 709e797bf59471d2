#pragma once

#include "duet/train/loop.h"
#include "duet/train/recipe.h"

namespace duet {

/// The differences between two recipes as "\n key: then -> now" each; empty if there are none. Throws Error(recipe) if
/// one of them changes what is computed and `accepted` is false. The location of the data does not count here;
/// check_data compares their content.
std::string check_recipe(const Recipe& then, const Recipe& now, bool accepted);

/// Opens the data of a run that is resumed, at the places of `placed`, the same recipe. If nothing is there, the
/// message says how to name another place.
TrainingData open_run_data(const RunFolder& run, const Recipe& recipe, const Recipe& placed);

/// Throws Error(data) that lists how the data differ from those the run was trained on, unless `accepted`: reordered
/// labels would teach wrong classes. `respelled`: data.spec has changed, so the facts about the data must show that
/// they are the same. Returns the list, as check_recipe does.
std::string check_data(const RunFolder& run, const DataFacts& now, bool respelled, bool accepted);

}  // namespace duet
