#include "duet/cli/train_seeds.h"

#include <algorithm>

#include "duet/cli/comparison.h"
#include "duet/cli/signals.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/shell.h"
#include "duet/ops/device.h"
#include "duet/train/runs.h"
#include "duet/train/sampler.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// Throws Error(usage) if a run was trained by another recipe than `wanted`; its length may differ.
void check_same_recipe(const RunFolder& run, const Recipe& wanted) {
  std::vector<std::string> changes;
  for (const auto& d : differences(recipe_of(run, catalogues()), wanted, catalogues()))
    if (d.key != "kimg") changes.push_back(message("{} = {}, not {}", d.key, d.a, d.b));
  if (changes.empty()) return;
  fail(Fault::usage,
       "{}: was trained by another recipe ({}), and runs of one folder differ in their seed alone; name another folder "
       "with --out",
       run.path().string(), fmt::join(changes, "; "));
}

/// Trains a run of the group, or what is left of it.
void train_one(TrainOptions options, const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / "recipe.toml", error)) {
    options.out = folder.string();
    return start_training(options);
  }
  const auto wanted = recipe_to_train(options, find_device(options.device));
  {
    const auto run = RunFolder::open(folder);
    check_same_recipe(run, wanted);
    const auto history = history_of(run);
    if (history.finished && history.kimg >= wanted.kimg) {
      fmt::print("{}: has been trained already\n", printable(folder.string()));
      return;
    }
  }
  options.target = folder.string();
  options.kimg = wanted.kimg;  // the command's or the recipe's, not what the run was stopped at
  options.out = options.precision = {};
  options.set = {};
  options.seed = {};
  resume_training(options);
}

void print_summary(const fs::path& folder) {
  auto group = find_group(folder.string());
  fmt::print("\n{} runs in {}", group.runs.size(), printable(folder.string()));
  if (!group.has_scores()) {
    fmt::print("; without scores: set score.every\n");
    return;
  }
  fmt::print("; scores of each run's best checkpoint:\n");
  group.name = "all";
  const auto comparison = compare({std::move(group)}, "best", {});
  fmt::print("{}", to_text(comparison, page_columns()));
  fmt::print("`duet compare {} OTHER` compares them with others\n", shell_quoted(folder.string()));
}

/// Where the runs are.
fs::path folder_of(const TrainOptions& options, const Recipe& recipe) {
  if (!options.out.empty()) return options.out;
  auto name = recipe.name;
  std::replace(name.begin(), name.end(), '/', '-');
  return fs::path("runs") / (name + "-seeds");
}

}  // namespace

void train_seeds(const TrainOptions& options, int64_t count) {
  if (options.resume)
    fail(Fault::usage, "--seeds {}: without --resume: the command that began these runs continues them", count);
  if (options.dry_run) return start_training(options);
  const auto recipe = recipe_to_train(options, find_device(options.device));
  const auto folder = folder_of(options, recipe);
  if (fs::exists(folder / "recipe.toml"))
    fail(Fault::usage, "--out {}: is a run; expected a new folder, or one that --seeds has made", folder.string());
  std::vector<std::string> diverged;
  for (int64_t i = 0; i < count; ++i) {
    auto one = options;
    one.seed = static_cast<int64_t>(recipe.seed) + i;
    const auto name = fmt::format("seed-{}", *one.seed);
    fmt::print("\n{}, run {} of {}\n", name, i + 1, count);
    try {
      train_one(one, folder / name);
    } catch (const Error& error) {
      if (error.fault() != Fault::diverged) throw;
      fmt::print(stderr, "{}\n", printable_lines(error.what()));
      diverged.push_back(name);
    }
    if (caught_signal() != 0) {
      fmt::print(stderr, "the same command continues: it skips what is done\n");
      return;
    }
  }
  print_summary(folder);
  if (!diverged.empty())
    fail(Fault::diverged, "{} of {} runs diverged: {}", diverged.size(), count, fmt::join(diverged, ", "));
}

}  // namespace duet
