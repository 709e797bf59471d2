#pragma once

#include "duet/core/column_scale.h"
#include "duet/train/players.h"
#include "duet/train/recipe.h"

namespace duet {

/// Mean and standard deviation of each column of float32 vectors, of more than 100,000 a random choice, in double. A
/// deviation is at least a 20th of the largest distance from the mean, so that columns that hardly ever change do not
/// get extreme values.
ColumnScale measure_columns(const Dataset& train);

/// Standardisation of vectors for this recipe (data.standardise): always, never, or with auto if some varying column
/// has a deviation outside 0.1 ... 10 or a mean outside -10 ... 10. Auto excludes built-in sets, whose recipes are made
/// for them, and data for a generator that ends in tanh or the like, whose range they must have.
ColumnScale column_scale(const Recipe& recipe, const DataFacts& facts, const Dataset& train,
                         const std::string& stream = "x");

}  // namespace duet
