#include "duet/train/model_file.h"

#include <nlohmann/json.hpp>

#include "duet/core/error.h"

namespace duet {

void check_format(const TensorFile& file) {
  const auto found = file.texts.find("format");
  if (found == file.texts.end()) return;
  const auto expected = std::to_string(kModelFormat);
  if (found->second == "1" || found->second == expected) return;
  fail(Fault::checkpoint,
       "{}: has format {}; this duet reads formats up to {}; use the duet that wrote it, or a newer one", file.place,
       found->second, expected);
}

void describe_model(TensorFile& file, const Recipe& recipe, const DataFacts& facts, const Catalogues& catalogues) {
  file.texts["recipe"] = to_toml(recipe, catalogues, /*comments=*/false);
  const nlohmann::ordered_json data = {{"shape", {facts.shape.channels, facts.shape.height, facts.shape.width}},
                                       {"pictures", facts.pictures},
                                       {"classes", facts.classes},
                                       {"class_share", facts.class_share}};
  file.texts["data"] = data.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

Recipe recipe_of(const TensorFile& file, const Catalogues& catalogues) {
  return parse_recipe(file.text("recipe"), file.place + ": recipe", {}, catalogues);
}

DataFacts facts_of(const TensorFile& file) {
  if (!file.texts.contains("data"))
    fail(Fault::checkpoint,
         "{}: does not say what it was trained on, as those of duet 0.1 do not; give the folder of its run, and this "
         "file with --checkpoint",
         file.place);
  try {
    const auto data = nlohmann::json::parse(file.text("data"));
    const auto& shape = data.at("shape");
    return {.shape = {shape.at(0), shape.at(1), shape.at(2)},
            .pictures = data.at("pictures"),
            .classes = data.at("classes"),
            .class_share = data.at("class_share")};
  } catch (const nlohmann::json::exception& error) {
    fail(Fault::checkpoint, "{}: damaged: its data: {}", file.place, error.what());
  }
}

}  // namespace duet
