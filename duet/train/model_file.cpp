#include "duet/train/model_file.h"

#include "duet/core/error.h"
#include "duet/train/facts.h"
#include "duet/version.h"

namespace duet {

void check_format(const TensorFile& file) {
  const auto found = file.texts.find("format");
  if (found == file.texts.end()) return;
  const auto expected = std::to_string(kModelFormat);
  if (found->second == "1" || found->second == "2" || found->second == expected) return;
  fail(Fault::checkpoint,
       "{}: has format {}; this duet reads formats up to {}; use the duet that wrote it, or a newer one", file.place,
       found->second, expected);
}

std::string of_another_version(const TensorFile& file) {
  const auto made_by = file.texts.find("duet");
  if (made_by == file.texts.end() || made_by->second == kVersion) return {};
  return fmt::format("the checkpoint is of duet {}, this is {}: it continues, but may not end with the same bytes",
                     made_by->second, kVersion);
}

void describe_model(TensorFile& file, const Recipe& recipe, const DataFacts& facts, const Catalogues& catalogues) {
  file.texts["recipe"] = to_toml(recipe, catalogues, /*comments=*/false);
  file.texts["data"] = to_json(facts).dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

Recipe recipe_of(const TensorFile& file, const Catalogues& catalogues) {
  try {
    return parse_recipe(file.text("recipe"), file.place + ": recipe", {}, catalogues);
  } catch (const Error& error) {
    fail(Fault::checkpoint, "{}", error.what());
  }
}

DataFacts facts_of(const TensorFile& file) {
  if (!file.texts.contains("data"))
    fail(Fault::checkpoint,
         "{}: does not say what it was trained on, as those of duet 0.1 do not; give the folder of its run, and this "
         "file with --checkpoint",
         file.place);
  const auto place = file.place + ": data";
  nlohmann::json data;
  try {
    data = nlohmann::json::parse(file.text("data"));
  } catch (const nlohmann::json::exception& error) {
    fail(Fault::checkpoint, "{}: damaged: {}; take another checkpoint", place, without_tag(error.what()));
  }
  return facts_from(data, place);
}

}  // namespace duet
