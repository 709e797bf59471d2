#pragma once

#include "duet/data/feed.h"
#include "duet/data/split.h"
#include "duet/train/players.h"
#include "duet/train/recipe.h"

namespace duet {

/// The data of a recipe, opened and parted.
struct TrainingData {
  Split split;                             ///< of [data]
  DataFacts facts;                         ///< of all streams
  std::map<std::string, Split> streams{};  ///< of the further streams that the game has, by name
  /// Of a stream; [data] is "x".
  const Split& split_of(const std::string& stream) const { return stream == "x" ? split : streams.at(stream); }
};

/// Opens what recipe.data names, and what its sections [stream.NAME] do for the game's further streams. Throws
/// Error(recipe) that asks for --data or the section where one names nothing, or where pairs are not as many on both
/// sides, Error(data) else.
TrainingData open_training_data(const Recipe& recipe);

/// The part of a stream that samples are made from: held-out examples where there are any, else those that train.
std::shared_ptr<const Dataset> open_for_samples(const Recipe& recipe, const std::string& stream);

/// A feed for each stream of the game, "x" among them, that goes on where `cursors` says, from the beginning without.
/// Pairs share their picks. `train_parts` are read in place of the split's, by stream, where they are given.
std::map<std::string, std::unique_ptr<Feed>> open_feeds(
    const Recipe& recipe, const TrainingData& data, const std::map<std::string, int64_t>& cursors = {},
    const std::map<std::string, std::shared_ptr<const Dataset>>& train_parts = {});

/// Up to 500 examples of the stream that samples are like, as networks see them, spread over its training part,
/// float32 [N,C,1,1]; undefined for pictures. Throws Error(data).
Tensor some_vectors(const TrainingData& data, const std::string& stream = "x");

/// Up to `count` stored examples, spread over a set. Throws Error(data).
Tensor some_examples(const Dataset& set, int64_t count);

/// Mean of a stream's examples that train, [C,H,W], as networks see them: columns are moved as `facts` say. Throws
/// Error(data).
Tensor mean_example(const Recipe& recipe, const TrainingData& data, const DataFacts& facts, const std::string& stream);

/// Throws Error(recipe) when the recipe wants scores and there are too few examples, of those that samples are like.
void check_scorable(const Recipe& recipe, const TrainingData& data);

}  // namespace duet
