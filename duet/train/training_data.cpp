#include "duet/train/training_data.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/core/grouped.h"
#include "duet/core/random.h"
#include "duet/data/prepared.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"
#include "duet/score/scorer.h"
#include "duet/train/column_measures.h"
#include "duet/train/facts.h"
#include "duet/train/runs.h"
#include "duet/train/sampler.h"

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

Tensor some_vectors(const TrainingData& data, const std::string& stream) {
  const auto& facts = data.facts.stream(stream);
  if (facts.pictures) return {};
  return to_values(some_examples(*data.split_of(stream).train, 500), {}, Columns(facts.scale));
}

namespace {

/// Seed of the order of a stream that is drawn apart, and of its examples if they are drawn: otherwise examples of
/// [data] and of another stream with the same spec would be pairs.
uint64_t seed_of(const Recipe& recipe, const std::string& stream) {
  return stream == "x" ? recipe.seed : mix(recipe.seed ^ mix(stream));
}

/// Pictures alone can be prepared.
void check_prepared(const DataConfig& data, const Dataset& set) {
  const char* key = data.contrast > 0 ? "contrast" : data.binarise > 0 ? "binarise" : nullptr;
  if (key && set.info().element != Element::uint8)
    fail(Fault::recipe, "data.{}: {} holds numbers, not pictures of 8 bits; leave it out", key, set.info().name);
}

Split open_split(const Recipe& recipe, const std::string& stream, bool paired) {
  const auto& data = recipe.data_of(stream);
  const auto seed = paired ? recipe.seed : seed_of(recipe, stream);
  const auto source = open_source(data.spec, data.source(seed));
  auto split = split_source(source, {.held_out = data.held_out,
                                     .how = data.split,
                                     .seed = recipe.seed,
                                     .limit = data.limit,
                                     .balanced = data.order == "balanced"});
  check_prepared(data, *split.train);
  if (data.binarise <= 0) return split;
  return each_part(std::move(split), [&](const auto& part) { return binarised(part, data.binarise); });
}

DataFacts facts_of(const Dataset& train) {
  const auto& info = train.info();
  return {.shape = info.shape,
          .pictures = info.element == Element::uint8,
          .classes = info.classes,
          .class_share = class_shares(train),
          .examples = info.endless ? 0 : info.size,
          .content = content_of(train),
          .columns = info.columns};
}

/// Paired parts must have the same size, or example i of one does not belong to example i of the other.
void check_pairs(const StreamSpec& spec, const Split& x, const Split& further) {
  const auto size = [](const std::shared_ptr<const Dataset>& part) {
    return !part ? 0 : part->info().endless ? -1 : part->info().size;
  };
  const auto text = [&](const Split& split) {
    const auto train = size(split.train), held_out = size(split.held_out);
    return fmt::format("{} to train on and {} held out", train < 0 ? "endless examples" : grouped(train),
                       held_out < 0 ? "endless ones" : grouped(held_out));
  };
  if (size(x.train) != size(further.train) || size(x.held_out) != size(further.held_out))
    fail(Fault::recipe,
         "stream.{}: its examples are paired with those of [data], which has {}, and it has {}; expected equally many; "
         "give both the same held_out and limit, or data that belong together",
         spec.name, text(x), text(further));
}

/// For pairs, [data] defines which example comes when.
void check_paired_keys(const Recipe& recipe, const StreamSpec& spec) {
  const auto &own = recipe.data_of(spec.name), &x = recipe.data;
  const auto refuse = [&](const char* key) {
    fail(Fault::recipe,
         "stream.{}.{}: its examples are paired with those of [data] and have the same order; expected the value of "
         "data.{}",
         spec.name, key, key);
  };
  if (own.part != x.part) refuse("part");
  if (own.held_out != x.held_out) refuse("held_out");
  if (own.split != x.split) refuse("split");
  if (own.limit != x.limit) refuse("limit");
  if (own.mirror != x.mirror) refuse("mirror");
  if (own.order != x.order) refuse("order");
}

}  // namespace

TrainingData open_training_data(const Recipe& recipe) {
  if (recipe.data.spec.empty())
    fail(Fault::recipe, "{}: names no data; give --data SPEC (a built-in name or a path, see `duet list datasets`)",
         recipe.name);
  TrainingData data;
  data.split = open_split(recipe, "x", /*paired=*/false);
  data.facts = facts_of(*data.split.train);
  if (!recipe.game.kind.empty())
    for (const auto& spec : game_spec(recipe, {}).streams) {
      if (recipe.data_of(spec.name).spec.empty())
        fail(Fault::recipe,
             "{}: game \"{}\" has a stream of {}, and the recipe does not say which; expected [stream.{}] "
             "with spec = ...: a built-in name or a path (--set stream.{}.spec=SPEC)",
             recipe.name, recipe.game.kind, spec.line, spec.name, spec.name);
      if (spec.paired) check_paired_keys(recipe, spec);
      auto& split = data.streams[spec.name] = open_split(recipe, spec.name, spec.paired);
      if (spec.paired) check_pairs(spec, data.split, split);
      data.facts.streams.emplace(spec.name, facts_of(*split.train));
    }
  const auto scale = [&](DataFacts& facts, const std::string& stream) {
    if (!facts.pictures && facts.shape.is_vector())
      facts.scale = column_scale(recipe, data.facts, *data.split_of(stream).train, stream);
  };
  scale(data.facts, "x");
  for (auto& [name, facts] : data.facts.streams) scale(facts, name);
  return data;
}

namespace {

void give_part(Sampler& sampler, const std::string& stream, const Split& split) {
  sampler.give_examples(stream, split.held_out ? split.held_out : split.train);
}

}  // namespace

void give_examples(Sampler& sampler, const TrainingData& data) {
  for (const auto& stream : sampler.made_from()) give_part(sampler, stream, data.split_of(stream));
}

Recipe give_examples(Sampler& sampler, const std::filesystem::path& run) {
  auto recipe = sampler.recipe();
  if (std::filesystem::is_directory(run)) recipe = with_places(RunFolder::open(run), recipe);
  const auto streams = game_spec(recipe, {}).streams;
  for (const auto& stream : sampler.made_from()) {
    const auto found =
        std::find_if(streams.begin(), streams.end(), [&](const auto& one) { return one.name == stream; });
    give_part(sampler, stream, open_split(recipe, stream, found != streams.end() && found->paired));
  }
  return recipe;
}

std::map<std::string, std::unique_ptr<Feed>> open_feeds(
    const Recipe& recipe, const TrainingData& data, const std::map<std::string, int64_t>& cursors,
    const std::map<std::string, std::shared_ptr<const Dataset>>& train_parts) {
  std::map<std::string, std::unique_ptr<Feed>> feeds;
  const auto open = [&](const std::string& stream, bool paired) {
    const auto& how = recipe.data_of(stream);
    const auto seed = seed_of(recipe, stream);
    const FeedOptions options{.batch = recipe.batch,
                              .mirror = how.mirror && data.facts.stream(stream).pictures,
                              .seed = seed,
                              .threads = how.threads,
                              .order = how.order};
    const auto part = train_parts.find(stream);
    const auto train = part == train_parts.end() ? data.split_of(stream).train : part->second;
    const auto at = cursors.find(stream);
    const auto cursor = at == cursors.end() ? 0 : at->second;
    feeds[stream] = paired ? std::make_unique<Feed>(train, options, cursor, feeds.at("x")->picker())
                           : std::make_unique<Feed>(train, options, cursor);
  };
  open("x", /*paired=*/false);
  for (const auto& spec : game_spec(recipe, data.facts).streams) open(spec.name, spec.paired);
  return feeds;
}

Tensor some_examples(const Dataset& set, int64_t count) {
  return read_examples(set, stratified_indices(set.info().size, count));
}

Tensor mean_example(const Recipe& recipe, const TrainingData& data, const DataFacts& facts, const std::string& stream) {
  const auto some = some_examples(*data.split_of(stream).train, 10'000);
  const auto& how = recipe.data_of(stream);
  const auto& of = facts.stream(stream);
  return to_values(some, how.value_range(of.shape), Columns(of.scale), how.contrast).mean(0);
}

Split compared_split(const Recipe& recipe, const TrainingData& data, const std::string& stream) {
  const auto norm = recipe.data_of(stream).contrast;
  const auto& split = data.split_of(stream);
  if (norm <= 0) return split;
  return each_part(split, [&](const auto& part) { return contrasted(part, norm); });
}

void check_scorable(const Recipe& recipe, const TrainingData& data) {
  if (recipe.score.every <= 0) return;
  const auto& split = data.split_of(game_spec(recipe, data.facts).samples_like);
  const auto train = split.train->info().size, held_out = split.held_out ? split.held_out->info().size : 0;
  if (!enough_to_score(train, held_out))
    fail(Fault::recipe,
         "score.every = {:g}, but {} examples to train on and {} held out are too few for scores, expected at least "
         "{}; take more, or train without scores: --set score.every=0",
         recipe.score.every, train, held_out, kLeastScored);
}

}  // namespace duet
