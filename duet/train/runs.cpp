#include "duet/train/runs.h"

#include "duet/core/files.h"
#include "duet/data/dataset.h"

namespace duet {
namespace {

nlohmann::ordered_json data_json(const Recipe& recipe, const DataFacts& facts, const Recipe& placed) {
  auto json = to_json(facts);
  const auto say = [&](nlohmann::ordered_json& of, const std::string& stream) {
    of["spec"] = recipe.data_of(stream).spec;
    of["place"] = absolute_spec(placed.data_of(stream).spec);
  };
  say(json, "x");
  for (const auto& [name, further] : facts.streams) say(json["streams"][name], name);
  return json;
}

}  // namespace

RunFolder create_run(const std::filesystem::path& path, const Recipe& recipe, const DataFacts& facts,
                     const Catalogues& catalogues) {
  return RunFolder::create(path, to_toml(recipe, catalogues, /*comments=*/true), data_json(recipe, facts, recipe));
}

void write_facts(const RunFolder& run, const Recipe& recipe, const DataFacts& facts, const Recipe& placed) {
  run.write_data(data_json(recipe, facts, placed));
}

Recipe with_places(const RunFolder& run, Recipe recipe) {
  recipe.data.spec = run.data_spec(recipe.data.spec);
  for (auto& [name, data] : recipe.stream) data.spec = run.data_spec(data.spec, name);
  return recipe;
}

Recipe recipe_of(const RunFolder& run, const Catalogues& catalogues, const std::vector<std::string>& overrides) {
  const auto file = run.recipe_path();
  return parse_recipe(read_text(file, Fault::checkpoint), file.string(), overrides, catalogues);
}

DataFacts facts_of(const RunFolder& run) { return facts_from(run.data(), run.json_path().string() + ": data"); }

}  // namespace duet
