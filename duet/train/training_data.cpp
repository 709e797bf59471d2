#include "duet/train/training_data.h"

#include "duet/core/error.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/scorer.h"
#include "duet/train/column_measures.h"
#include "duet/train/facts.h"

namespace duet {
namespace {

std::vector<double> class_shares(const Dataset& data) {
  std::vector<double> share(data.info().classes.size(), 0);
  const auto indices = stratified_indices(data.info().size, 100'000);
  if (!share.empty())
    for (const auto index : indices)
      share[static_cast<size_t>(data.label(index))] += 1.0 / static_cast<double>(indices.size());
  return share;
}

}  // namespace

Tensor some_vectors(const TrainingData& data) {
  if (data.facts.pictures) return {};
  return to_values(some_examples(*data.split.train, 500), {}, Columns(data.facts.scale));
}

TrainingData open_training_data(const Recipe& recipe) {
  if (recipe.data.spec.empty())
    fail(Fault::recipe, "{}: names no data; give --data SPEC (a built-in name or a path, see `duet list datasets`)",
         recipe.name);
  const auto source = open_source(
      recipe.data.spec, {.resolution = recipe.data.resolution, .channels = recipe.data.channels, .seed = recipe.seed});
  TrainingData data;
  data.split = split_source(
      source,
      {.held_out = recipe.data.held_out, .how = recipe.data.split, .seed = recipe.seed, .limit = recipe.data.limit});
  const auto& info = data.split.train->info();
  data.facts = {.shape = info.shape,
                .pictures = info.element == Element::uint8,
                .classes = info.classes,
                .class_share = class_shares(*data.split.train),
                .examples = info.endless ? 0 : info.size,
                .content = content_of(*data.split.train),
                .columns = info.columns};
  if (!data.facts.pictures && info.shape.is_vector())
    data.facts.scale = column_scale(recipe, data.facts, *data.split.train);
  return data;
}

Tensor some_examples(const Dataset& set, int64_t count) {
  return read_examples(set, stratified_indices(set.info().size, count));
}

Tensor mean_example(const TrainingData& data, const ColumnScale& scale, Range range) {
  return to_values(some_examples(*data.split.train, 10'000), range, Columns(scale)).mean(0);
}

void check_scorable(const Recipe& recipe, const TrainingData& data) {
  if (recipe.score.every <= 0) return;
  const auto train = data.split.train->info().size,
             held_out = data.split.held_out ? data.split.held_out->info().size : 0;
  if (!enough_to_score(train, held_out))
    fail(Fault::recipe,
         "score.every = {:g}, but {} examples to train on and {} held out are too few for scores, expected at least "
         "{}; take more, or train without scores: --set score.every=0",
         recipe.score.every, train, held_out, kLeastScored);
}

}  // namespace duet
