#include "duet/train/runs.h"

#include "duet/core/files.h"
#include "duet/data/dataset.h"

namespace duet {
namespace {

nlohmann::ordered_json data_json(const Recipe& recipe, const DataFacts& facts, const std::string& place) {
  auto json = to_json(facts);
  json["spec"] = recipe.data.spec;
  json["place"] = absolute_spec(place);
  return json;
}

}  // namespace

RunFolder create_run(const std::filesystem::path& path, const Recipe& recipe, const DataFacts& facts,
                     const Catalogues& catalogues) {
  return RunFolder::create(path, to_toml(recipe, catalogues, /*comments=*/true),
                           data_json(recipe, facts, recipe.data.spec));
}

void write_facts(const RunFolder& run, const Recipe& recipe, const DataFacts& facts, const std::string& place) {
  run.write_data(data_json(recipe, facts, place));
}

Recipe recipe_of(const RunFolder& run, const Catalogues& catalogues, const std::vector<std::string>& overrides) {
  const auto file = run.recipe_path();
  return parse_recipe(read_text(file, Fault::checkpoint), file.string(), overrides, catalogues);
}

DataFacts facts_of(const RunFolder& run) { return facts_from(run.data(), run.json_path().string() + ": data"); }

}  // namespace duet
