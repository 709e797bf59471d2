#pragma once

#include "duet/run/run_folder.h"
#include "duet/train/facts.h"
#include "duet/train/recipe.h"

namespace duet {

// Runs of recipes: what a run's folder holds as text, as the trainer knows it.

/// Makes a new run; throws as RunFolder::create does.
RunFolder create_run(const std::filesystem::path& path, const Recipe& recipe, const DataFacts& facts,
                     const Catalogues& catalogues);

/// Writes anew what is known of the data, whose specs mean what those of `placed` do: the same recipe with places.
void write_facts(const RunFolder& run, const Recipe& recipe, const DataFacts& facts, const Recipe& placed);

/// The recipe with specs that mean the data of the run, whatever the working directory (see RunFolder::data_spec).
Recipe with_places(const RunFolder& run, Recipe recipe);

/// The recipe that a run was made of, with "key=value" over it. Throws Error(checkpoint or recipe) with the place.
Recipe recipe_of(const RunFolder& run, const Catalogues& catalogues, const std::vector<std::string>& overrides = {});

/// What a run knows of its data. Throws Error(checkpoint) naming what in run.json is damaged.
DataFacts facts_of(const RunFolder& run);

}  // namespace duet
