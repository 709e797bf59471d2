#pragma once

#include "duet/data/split.h"
#include "duet/train/players.h"
#include "duet/train/recipe.h"

namespace duet {

/// The data of a recipe, opened and parted.
struct TrainingData {
  Split split;
  DataFacts facts;
};

/// Opens what recipe.data names. Throws Error(recipe) that asks for --data when it names nothing, Error(data) else.
TrainingData open_training_data(const Recipe& recipe);

/// Up to 500 examples as networks see them, spread over the training part, float32 [N,C,1,1]; undefined for pictures.
/// Throws Error(data).
Tensor some_vectors(const TrainingData& data);

/// Up to `count` stored examples, spread over a set. Throws Error(data).
Tensor some_examples(const Dataset& set, int64_t count);

/// Mean of the examples that train, [C,H,W], as networks see them: pictures in `range`, columns moved by `scale`.
/// Throws Error(data).
Tensor mean_example(const TrainingData& data, const ColumnScale& scale, Range range);

/// Throws Error(recipe) when the recipe wants scores and there are too few examples for them.
void check_scorable(const Recipe& recipe, const TrainingData& data);

}  // namespace duet
