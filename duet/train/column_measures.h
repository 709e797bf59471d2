#pragma once

#include "duet/core/column_scale.h"
#include "duet/train/players.h"
#include "duet/train/recipe.h"

namespace duet {

/// Mean and deviation of each column of float32 vectors, of more than 100,000 those of a drawn choice, in double. A
/// deviation is at least a 20th of the farthest number's distance from the mean, so that what hardly ever changes does
/// not become a spike.
ColumnScale measure_columns(const Dataset& train);

/// How the columns of a stream's vectors are moved for this recipe (data.standardise): always, never, or with auto
/// where some column that varies has a deviation outside 0.1 ... 10 or a mean outside -10 ... 10. Auto leaves built-in
/// sets alone, whose recipes are made for them, and data for a generator that ends in tanh or the like, whose range
/// they must have. `facts` are of all streams that are known so far, `train` is the stream's training part.
ColumnScale column_scale(const Recipe& recipe, const DataFacts& facts, const Dataset& train,
                         const std::string& stream = "x");

}  // namespace duet
