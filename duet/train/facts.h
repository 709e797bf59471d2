#pragma once

#include <nlohmann/json.hpp>

#include "duet/train/players.h"

namespace duet {

/// What a run writes of its data.
nlohmann::ordered_json to_json(const DataFacts& facts);

/// Throws Error(data) naming a class whose name a run's files cannot hold, as they are UTF-8. `place` begins messages.
void check_names(const DataFacts& facts, const std::string& place);

/// Reads it back. `place` begins messages ("runs/a/run.json: data"). Throws Error(checkpoint) naming the key that is
/// missing, of another type, or out of range; what only later versions write may be missing.
DataFacts facts_from(const nlohmann::json& json, const std::string& place);

/// Columns are moved as when a run began: other examples, or another version of duet, would measure others.
void scale_as_begun(DataFacts& facts, const DataFacts& begun);

/// A few letters that stand for the labels and contents of some examples, spread over the set.
std::string content_of(const Dataset& dataset);

/// What is another between the data of then and now, a line each: "classes: a, b -> b, a". What is not known of then is
/// not compared.
std::vector<std::string> differences(const DataFacts& then, const DataFacts& now);

}  // namespace duet
