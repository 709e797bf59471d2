#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "duet/cli/systems.h"
#include "duet/cli/terminal.h"
#include "duet/cli/verbs.h"
#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/data/builtin.h"
#include "duet/data/fetch.h"
#include "duet/games/objectives.h"
#include "duet/games/penalties.h"
#include "duet/score/metrics.h"
#include "duet/train/optimizers.h"
#include "duet/train/recipe.h"
#include "duet/train/sampler.h"

namespace duet {
namespace {

/// Objects with "name", "line" and further keys.
using Rows = std::vector<nlohmann::ordered_json>;

/// One list of `duet list`.
struct List {
  std::string name;
  std::function<Rows()> rows;
  /// Texts beside the name; empty: the line and the paper.
  std::function<std::vector<std::string>(const nlohmann::ordered_json&)> texts{};
  std::string below{};  ///< a text below the rows
};

template <class Entries>
Rows rows_of(const Entries& entries) {
  Rows rows;
  for (const auto& entry : entries)
    rows.push_back({{"name", entry.name}, {"line", entry.line}, {"paper", entry.paper}});
  return rows;
}

Rows layers() {
  auto rows = rows_of(layer_entries());
  for (size_t i = 0; i < rows.size(); ++i) rows[i]["usage"] = layer_entries()[i].usage;
  return rows;
}

Rows schedules() {
  Rows rows;
  for (const auto& shape : schedule_shapes())
    rows.push_back({{"name", shape.name}, {"line", shape.line}, {"needs", shape.needs}, {"example", shape.example}});
  return rows;
}

Rows metrics() {
  Rows rows;
  for (const auto& entry : metric_entries())
    rows.push_back({{"name", entry.name}, {"line", entry.line}, {"better", entry.better}, {"paper", entry.paper}});
  return rows;
}

Rows recipes() {
  Rows rows;
  for (const auto& [name, head] : recipe_entries(recipe_folders()))
    rows.push_back({{"name", name},
                    {"line", head.line},
                    {"time", head.time},
                    {"score", head.score},
                    {"expect", head.expect},
                    {"source", head.source}});
  return rows;
}

Rows datasets() {
  auto rows = rows_of(builtin_sets());
  for (auto& row : rows) row["kind"] = "builtin";
  for (const auto& set : fetch_sets()) rows.push_back({{"name", set.name}, {"line", set.line}, {"kind", "fetch"}});
  return rows;
}

Rows systems() {
  Rows rows;
  for (const auto& [id, system] : all_systems())
    rows.push_back({{"name", id},
                    {"line", system.name},
                    {"paper", system.paper},
                    {"state", system.state},
                    {"missing", system.missing},
                    {"recipes", system.recipes},
                    {"games", system.games},
                    {"tests", system.tests},
                    {"result", system.result},
                    {"measured", system.measured}});
  return rows;
}

std::string text_of(const nlohmann::ordered_json& row, const char* key) { return row.value(key, ""); }

std::vector<std::string> line_and(const nlohmann::ordered_json& row, const char* key) {
  return {text_of(row, "line") + ": " + text_of(row, key)};
}

std::vector<std::string> metric_texts(const nlohmann::ordered_json& row) {
  const auto better = text_of(row, "better");
  return {text_of(row, "line") + (better.empty() ? "" : "; " + better + " is better")};
}

std::vector<std::string> recipe_texts(const nlohmann::ordered_json& row) {
  std::vector<std::string> texts{text_of(row, "line")};
  if (const auto time = text_of(row, "time"); !time.empty()) texts.push_back("time: " + time);
  if (const auto score = text_of(row, "score"); !score.empty()) texts.push_back("score: " + score);
  return texts;
}

std::vector<std::string> system_texts(const nlohmann::ordered_json& row) {
  const auto missing = text_of(row, "missing"), result = text_of(row, "result");
  std::vector<std::string> texts{text_of(row, "line"), text_of(row, "state") + (missing.empty() ? "" : ": " + missing)};
  for (const char* proof : {"recipes", "games", "tests"})
    if (const auto names = row.at(proof).get<std::vector<std::string>>(); !names.empty())
      texts.push_back(fmt::format("{}: {}", proof, fmt::join(names, ", ")));
  if (!result.empty()) texts.push_back(fmt::format("result: {} ({})", result, text_of(row, "measured")));
  return texts;
}

std::vector<std::string> dataset_texts(const nlohmann::ordered_json& row) {
  return {text_of(row, "line") +
          (row.at("kind") == "fetch" ? " (`duet data fetch " + text_of(row, "name") + "`)" : "")};
}

const std::vector<List>& lists() {
  static const std::vector<List> all = {
      {"games", [] { return rows_of(game_entries()); }},
      {"objectives", [] { return rows_of(objectives()); }, {}, "D may also minimise penalties: `duet list penalties`."},
      {"penalties",
       [] { return rows_of(penalties()); },
       {},
       "The key of the same name in a recipe's [game] is the weight."},
      {"optimizers", [] { return rows_of(optimizer_entries()); }},
      {"networks", [] { return rows_of(network_entries()); }},
      {"layers", layers, [](const auto& row) { return line_and(row, "usage"); },
       "`name` is a tensor: x is the network's input, label the data's labels, others are stored by mark."},
      {"schedules", schedules, [](const auto& row) { return line_and(row, "example"); },
       "For lr, momentum, the penalties' weights and instance_noise; t counts kimg, or the unit \"update\" (of "
       "the player) or \"epoch\"."},
      {"metrics", metrics, metric_texts},
      {"recipes", recipes, recipe_texts},
      {"datasets", datasets, dataset_texts,
       "Any path also works: IDX or CIFAR-10 folder, folder of pictures or class folders, .tar, .tar.gz, .zip, .npy, "
       ".npz, .csv (also with ; or tabs)."},
      {"systems", systems, system_texts, "The systems that duet sets out to cover, and what shows that it does."}};
  return all;
}

void print_rows(const List& list, const Rows& rows) {
  const size_t columns = page_columns();
  size_t width = 0;
  for (const auto& row : rows) width = std::max(width, columns_of(text_of(row, "name")));
  // Beside the names if there is enough room.
  const bool beside = width + 42 <= columns;
  const std::string indent(beside ? width + 2 : 4, ' ');
  for (const auto& row : rows) {
    auto texts = list.texts ? list.texts(row) : std::vector{text_of(row, "line")};
    if (const auto paper = text_of(row, "paper"); !paper.empty()) texts.front() += "  [" + paper + "]";
    const auto name = printable(text_of(row, "name"));
    if (!beside) fmt::print("{}\n", name);
    for (size_t i = 0; i < texts.size(); ++i)
      fmt::print("{}",
                 wrapped(printable(texts[i]), {columns, i == 0 && beside ? padded(name, width + 2) : indent, indent}));
  }
  if (!list.below.empty()) fmt::print("\n{}", wrapped(list.below, {columns}));
}

std::vector<std::string> list_names() {
  std::vector<std::string> names;
  for (const auto& list : lists()) names.push_back(list.name);
  return names;
}

void show(const std::string& what, bool json) {
  const auto& list = *std::find_if(lists().begin(), lists().end(), [&](const List& l) { return l.name == what; });
  const auto rows = list.rows();
  if (!json) return print_rows(list, rows);
  fmt::print("{}\n", nlohmann::ordered_json(rows).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

void add_list(CLI::App& program) {
  struct Options {
    std::string what;
    bool json = false;
  };
  auto* verb = program.add_subcommand("list", "list recipes, layers, metrics ...: name, description, paper");
  auto options = std::make_shared<Options>();
  verb->add_option("what", options->what, fmt::format("one of {}", fmt::join(list_names(), ", ")))
      ->required()
      ->check(one_of(list_names()));
  verb->add_flag("--json", options->json, "print JSON: a list of objects with name, line and further keys");
  verb->footer("Example:\n  duet list recipes\n  duet list metrics --json");
  verb->callback([options] { show(options->what, options->json); });
}

}  // namespace duet
