#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/recipe.h"
#include "duet/data/builtin.h"
#include "duet/data/fetch.h"
#include "duet/games/objectives.h"
#include "duet/games/penalties.h"
#include "duet/train/sampler.h"

namespace duet {
namespace {

void row(const std::string& name, const std::string& line, const std::string& paper) {
  fmt::print("{:<26} {}{}\n", name, line, paper.empty() ? "" : fmt::format("  [{}]", paper));
}

template <class Entries>
void rows(const Entries& entries) {
  for (const auto& entry : entries) row(entry.name, entry.line, entry.paper);
}

void list(const std::string& what) {
  if (what == "games") {
    rows(game_entries());
  } else if (what == "objectives") {
    rows(objectives());
    fmt::print("\npenalties:\n");
    rows(penalties());
  } else if (what == "networks") {
    rows(network_entries());
  } else if (what == "layers") {
    for (const auto& entry : layer_entries()) row(entry.name, entry.line + ": " + entry.usage, entry.paper);
  } else if (what == "schedules") {
    for (const auto& shape : schedule_shapes()) row(shape.name, shape.line + ": " + shape.example, "");
    fmt::print(
        "\nfor lr, momentum, the penalties' weights and instance_noise; t counts kimg, or what unit says:\n"
        "\"update\" of the player, or \"epoch\"\n");
  } else if (what == "recipes") {
    for (const auto& [name, line] : list_recipes(recipe_folders())) row(name, line, "");
  } else {
    rows(builtin_sets());
    fmt::print("\nto fetch with `duet data fetch NAME`:\n");
    for (const auto& set : fetch_sets()) row(set.name, set.line, "");
    fmt::print(
        "\nand any path: IDX or CIFAR-10 folder, folder of pictures or class folders, .tar, .tar.gz, .npy, .npz, "
        ".csv (also with ; or tabs)\n");
  }
}

}  // namespace

void add_list(CLI::App& program) {
  auto* verb = program.add_subcommand("list", "what there is: name, one line, paper");
  auto what = std::make_shared<std::string>();
  verb->add_option("what", *what, "games, objectives, networks, layers, schedules, recipes or datasets")
      ->required()
      ->check(one_of({"games", "objectives", "networks", "layers", "schedules", "recipes", "datasets"}));
  verb->footer("Example:\n  duet list recipes");
  verb->callback([what] { list(*what); });
}

}  // namespace duet
