#include "duet/cli/changes.h"

#include "duet/core/error.h"
#include "duet/train/sampler.h"

namespace duet {
namespace {

/// Keys that may differ between a run and its continuation without consent: none of them changes what is computed.
bool is_harmless(const std::string& key) {
  // The keys of a stream are like those of [data].
  if (key.starts_with("stream."))
    return key.ends_with(".spec") || key.ends_with(".threads") || key.ends_with(".memory_gib");
  for (const char* name : {"kimg", "tick", "sample_every", "sheet_rows", "sheet_columns", "checkpoint_every", "keep",
                           "cuda_graph", "data.spec", "data.threads", "data.memory_gib"})
    if (key == name) return true;
  return key.starts_with("score.");
}

}  // namespace

std::string check_recipe(const Recipe& then, const Recipe& now, bool accepted) {
  std::string changes, harmful;
  for (const auto& difference : differences(then, now, catalogues())) {
    if (difference.key.ends_with(".standardise"))
      fail(Fault::recipe,
           "{} = {}: this run began with {}, and its networks depend on it; leave it, or begin a new run",
           difference.key, difference.b, difference.a);
    const auto line = fmt::format("\n  {}: {} -> {}", difference.key, difference.a, difference.b);
    changes += line;
    if (!is_harmless(difference.key)) harmful += line;
  }
  if (!harmful.empty() && !accepted)
    throw Error(Fault::recipe, "the recipe differs from the one this run was trained with:" + harmful +
                                   "\nundo the change, or add --accept-changes to continue with it");
  return changes;
}

TrainingData open_run_data(const RunFolder& run, const Recipe& recipe, const Recipe& placed) {
  const auto check = [&](const std::string& spec, const std::string& place, const std::string& how) {
    if (!spec.empty() && !data_exist(spec))
      fail(Fault::data,
           "{}: the data of this run no longer exist; put them back, or name their new place: duet train {} "
           "--resume {}PATH",
           place, run.path().string(), how);
  };
  check(placed.data.spec, run.data_place(recipe.data.spec), "--data ");
  for (const auto& [name, data] : placed.stream)
    check(data.spec, run.data_place(recipe.stream.at(name).spec, name), fmt::format("--set stream.{}.spec=", name));
  return open_training_data(placed);
}

std::string check_data(const RunFolder& run, const DataFacts& now, bool respelled, bool accepted) {
  const auto then = facts_of(run);
  std::string changes;
  for (const auto& line : differences(then, now)) changes += "\n  " + line;
  const bool unknown = changes.empty() && respelled && then.content.empty();
  if ((!changes.empty() || unknown) && !accepted)
    throw Error(Fault::data,
                "the data differ from those this run was trained on:" +
                    (unknown ? "\n  data.spec has changed, and the run does not know enough about its data "
                               "to tell whether these are the same"
                             : changes) +
                    "\nundo the change, or add --accept-changes to continue with it");
  return changes;
}

}  // namespace duet
