#include "duet/data/inspect/inspect.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/names.h"
#include "duet/train/runs.h"
#include "duet/train/sampler.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// Data to inspect, and their name among several.
struct Target {
  std::string name, spec;
  SourceOptions source;
};

/// The data to inspect: a data SPEC, or all streams of a recipe file or a run, as they are read there.
std::vector<Target> targets_of(const std::string& spec, const SourceOptions& source) {
  std::error_code error;
  const bool run = fs::exists(fs::path(spec) / "recipe.toml", error);
  if (!run && !(fs::path(spec).extension() == ".toml" && fs::is_regular_file(spec, error))) return {{"", spec, source}};
  if (source.resolution > 0)
    fail(Fault::usage, "--resolution {}: {} defines how its pictures are read; leave it out", source.resolution, spec);
  auto recipe = run ? recipe_of(RunFolder::open(spec), catalogues()) : load_recipe(spec, {}, {}, catalogues());
  if (run) recipe = with_places(RunFolder::open(spec), recipe);
  std::vector<Target> targets;
  const auto add = [&](const std::string& section, const DataConfig& data) {
    if (data.spec.empty())
      fail(Fault::recipe, "{}: [{}] names no data; inspect what you mean to train on", spec, section);
    targets.push_back({section, data.spec, data.source(recipe.seed)});
    targets.back().source.mixed_sizes = data.resolution == 0;
  };
  add("data", recipe.data);
  for (const auto& [name, data] : recipe.stream) add("stream." + name, data);
  return targets;
}

void look(const std::string& spec, SourceOptions source, bool json) {
  source.mixed_sizes = true;
  const auto targets = targets_of(spec, source);
  nlohmann::ordered_json all;
  for (const auto& target : targets) {
    note_hidden_path(target.spec);
    const auto inspection = inspect(open_source(target.spec, target.source));
    if (json && targets.size() > 1) all[target.name] = to_json(inspection);
    if (json && targets.size() == 1) all = to_json(inspection);
    if (json) continue;
    if (targets.size() > 1) fmt::print("{}[{}]\n", &target == &targets.front() ? "" : "\n", printable(target.name));
    fmt::print("{}", to_text(inspection, page_columns()));
  }
  if (json) fmt::print("{}\n", json_text(all, 2));
}

}  // namespace

void add_inspect(CLI::App& program) {
  struct Options {
    std::string spec;
    SourceOptions source;
    bool json = false;
  };
  auto* verb = program.add_subcommand("inspect", "what a data set contains, and what is wrong with it");
  auto options = std::make_shared<Options>();
  verb->add_option("spec", options->spec,
                   "a built-in set, a path, or format:path; or a recipe file or a run, for its data")
      ->required();
  verb->add_option("--resolution", options->source.resolution,
                   "read pictures as a recipe with this resolution does; 0 keeps their sizes (default: 0)")
      ->check(between(0, 4096, "recipes use 28 to 64; leave it out to keep the pictures' sizes"));
  verb->add_flag("--json", options->json, "print JSON");
  verb->footer(
      "Arrays of pictures are [N,H,W], [N,C,H,W] or [N,H,W,C]: bytes, or floats in -1..1, 0..1 or 0..255, which the "
      "smallest\n"
      "and largest value tell apart. [N,D] and tables (.csv) are vectors; a table's column named label, class, y or "
      "target\n"
      "holds the classes.\n\n"
      "Example:\n  duet inspect path/to/pictures");
  verb->callback([options] { look(options->spec, options->source, options->json); });
}

}  // namespace duet
