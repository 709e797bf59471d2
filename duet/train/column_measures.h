#pragma once

#include "duet/core/column_scale.h"
#include "duet/core/recipe.h"
#include "duet/train/players.h"

namespace duet {

/// What is known of the columns of a training set of vectors.
struct ColumnMeasures {
  ColumnScale scale;  ///< mean and deviation; at least a 20th of the farthest number's distance from the mean, so that
                      ///< what hardly ever changes does not become a spike
  std::vector<double> low, high;  ///< smallest and largest number
};

/// Of float32 vectors: of all, of more than 100,000 of a drawn choice. In double.
ColumnMeasures measure_columns(const Dataset& train);

/// How the columns of these data are moved for this recipe (data.standardise): always, never, or with auto where some
/// column that varies has a deviation outside 0.1 ... 10 or a mean outside -10 ... 10. Auto leaves built-in sets alone,
/// whose recipes are made for them, and data for a generator that ends in tanh or the like, whose range they must have.
/// Empty for pictures.
ColumnScale column_scale(const Recipe& recipe, const DatasetInfo& info, const ColumnMeasures& measures);

}  // namespace duet
