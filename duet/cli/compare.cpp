#include "duet/cli/comparison.h"
#include "duet/cli/output_path.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/train/runs.h"
#include "duet/train/sampler.h"

namespace duet {
namespace {

struct Options {
  std::vector<std::string> runs, metrics;
  std::string at = "best", out;
  bool json = false;
};

/// The recipe of a group's first run; its name and seed, which differ anyway, are those of `like`, if that is given.
Recipe recipe_of(const RunGroup& group, const Recipe* like = nullptr) {
  auto recipe = recipe_of(RunFolder::open(group.runs.front().path), catalogues());
  if (like) {
    recipe.name = like->name;
    recipe.seed = like->seed;
  }
  return recipe;
}

/// "game.r1 = 0.1, not 1": how each group's recipe differs from the first group's.
std::vector<std::string> recipe_differences(const std::vector<RunGroup>& groups) {
  std::vector<std::string> lines;
  const auto first = recipe_of(groups.front());
  for (size_t i = 1; i < groups.size(); ++i) {
    std::vector<std::string> keys;
    for (const auto& d : differences(first, recipe_of(groups[i], &first), catalogues()))
      keys.push_back(message("{} = {}, not {}", d.key, d.b, d.a));
    lines.push_back(
        message("{}: {}", groups[i].name,
                keys.empty() ? "the same recipe as " + groups.front().name : fmt::format("{}", fmt::join(keys, "; "))));
  }
  return lines;
}

void run(const Options& options) {
  if (!options.out.empty()) {
    if (!options.out.ends_with(".png"))
      fail(Fault::usage, "--out {}: expected a picture, such as curves.png", options.out);
    check_output_path(options.out, "a file", "a file");
  }
  const auto comparison = compare(open_groups(options.runs), options.at, options.metrics);
  for (const auto& doubt : doubts_of(comparison)) fmt::print(stderr, "note: {}\n", doubt);
  if (!options.out.empty()) write_png(resolve_link(options.out), curves_of(comparison));
  if (options.json) {
    fmt::print("{}\n", to_json(comparison));
    return;
  }
  const size_t columns = page_columns();
  fmt::print("scores of each run's {} checkpoint; +- is the standard deviation over runs\n", options.at);
  if (comparison.groups.size() > 1) {
    fmt::print("p: chance of such a difference from {} if both were alike (permutation test)\n",
               printable(comparison.groups.front().name));
    for (const auto& line : recipe_differences(comparison.groups)) fmt::print("{}", wrapped(line, {columns, "", "  "}));
  }
  fmt::print("\n{}", to_text(comparison, columns));
  if (!options.out.empty()) fmt::print("\ncurves: {}\n", printable(options.out));
}

}  // namespace

void add_compare(CLI::App& program) {
  auto* verb = program.add_subcommand("compare", "compare runs, or groups of runs with several seeds");
  auto options = std::make_shared<Options>();
  verb->add_option("runs", options->runs, "run folders, or folders of runs as `duet train --seeds` makes them")
      ->required();
  verb->add_option("--metric", options->metrics,
                   "metric to compare; may be repeated (default: those of which lower or higher is better)")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--at", options->at, "score of the best or the last checkpoint (default: best)")
      ->check(one_of({"best", "last"}));
  verb->add_option("--out", options->out, "F.png: the metrics over kimg, with a band of one deviation")
      ->check(not_empty("a picture; leave it out for none"));
  verb->add_flag("--json", options->json, "print JSON");
  verb->footer(
      "Example:\n  duet train ring --seeds 5 --out runs/a\n  duet train ring --seeds 5 --out runs/b --set game.r2=0\n"
      "  duet compare runs/a runs/b --out curves.png");
  verb->callback([options] { run(*options); });
}

}  // namespace duet
