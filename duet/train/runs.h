#pragma once

#include "duet/run/run_folder.h"
#include "duet/train/facts.h"
#include "duet/train/recipe.h"

namespace duet {

// Conversions between a run folder's texts and the trainer's types.

/// Creates a run; throws as RunFolder::create does.
RunFolder create_run(const std::filesystem::path& path, const Recipe& recipe, const DataFacts& facts,
                     const Catalogues& catalogues);

/// Replaces the facts about the data; `place` is the location that data.spec means.
void write_facts(const RunFolder& run, const Recipe& recipe, const DataFacts& facts, const Recipe& placed);

/// The recipe with absolute data specs of the run (see RunFolder::data_spec).
Recipe with_places(const RunFolder& run, Recipe recipe);

/// The recipe of a run, with "key=value" overrides. Throws Error(checkpoint or recipe) with the place.
Recipe recipe_of(const RunFolder& run, const Catalogues& catalogues, const std::vector<std::string>& overrides = {});

/// The facts about a run's data. Throws Error(checkpoint) naming what in run.json is damaged.
DataFacts facts_of(const RunFolder& run);

}  // namespace duet
