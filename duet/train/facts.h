#pragma once

#include <nlohmann/json.hpp>

#include "duet/train/players.h"

namespace duet {

/// The facts about its data in a run's run.json.
nlohmann::ordered_json to_json(const DataFacts& facts);

/// Throws Error(data) naming a class whose name a run's files cannot hold because it is not UTF-8. `place` begins
/// messages.
void check_names(const DataFacts& facts, const std::string& place);

/// Reads to_json()'s output. `place` begins messages ("runs/a/run.json: data"). Throws Error(checkpoint) naming the key
/// that is missing, of another type, or out of range; keys that only later versions write may be missing.
DataFacts facts_from(const nlohmann::json& json, const std::string& place);

/// Columns are standardised as when a run began: other examples, or another version of duet, would give other measures.
void scale_as_begun(DataFacts& facts, const DataFacts& begun);

/// A short hash of the labels and contents of some examples, spread over the set.
std::string content_of(const Dataset& dataset);

/// Differences between the data then and now, one line each: "classes: a, b -> b, a". Facts that are unknown then are
/// not compared.
std::vector<std::string> differences(const DataFacts& then, const DataFacts& now);

}  // namespace duet
