#pragma once

#include "duet/data/feed.h"
#include "duet/data/split.h"
#include "duet/train/players.h"
#include "duet/train/recipe.h"

namespace duet {

class Sampler;

/// The data of a recipe, opened and split.
struct TrainingData {
  Split split;                             ///< of [data]
  DataFacts facts;                         ///< of all streams
  std::map<std::string, Split> streams{};  ///< of the game's further streams, by name
  /// Split of a stream; [data] is "x".
  const Split& split_of(const std::string& stream) const { return stream == "x" ? split : streams.at(stream); }
};

/// Opens recipe.data. Throws Error(recipe) that asks for --data if it names nothing, Error(data) otherwise.
TrainingData open_training_data(const Recipe& recipe);

/// Gives a sampler the examples that its game makes samples from: of each of these streams the held-out ones if there
/// are any, else those that train.
void give_examples(Sampler& sampler, const TrainingData& data);
/// The same for a sampler opened from `run`, a run folder or a checkpoint alone, whose data are opened for it. Returns
/// its recipe, with the specs that mean the run's data now.
Recipe give_examples(Sampler& sampler, const std::filesystem::path& run);

/// A feed for each stream of the game, including "x", that continues at `cursors`, or at the beginning without. Paired
/// streams share their picks. `train_parts` are read instead of the split's, by stream, if given.
std::map<std::string, std::unique_ptr<Feed>> open_feeds(
    const Recipe& recipe, const TrainingData& data, const std::map<std::string, int64_t>& cursors = {},
    const std::map<std::string, std::shared_ptr<const Dataset>>& train_parts = {});

/// Up to 500 examples in the networks' scale, spread over the training part, float32 [N,C,1,1]; undefined for pictures.
/// Throws Error(data).
Tensor some_vectors(const TrainingData& data, const std::string& stream = "x");

/// Up to `count` stored examples, spread over a set. Throws Error(data).
Tensor some_examples(const Dataset& set, int64_t count);

/// Mean of a stream's training examples, [C,H,W], as network inputs, standardised by `facts`. Throws Error(data).
Tensor mean_example(const Recipe& recipe, const TrainingData& data, const DataFacts& facts, const std::string& stream);

/// The parts of a stream in the form that samples are compared with: with data.contrast its pictures as normalised
/// values are shown.
Split compared_split(const Recipe& recipe, const TrainingData& data, const std::string& stream);

/// Throws Error(recipe) when the recipe has scores and there are too few examples for them.
void check_scorable(const Recipe& recipe, const TrainingData& data);

}  // namespace duet
