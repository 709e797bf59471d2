#pragma once

#include <filesystem>
#include <string>

#include "duet/train/loop.h"

namespace duet {

/// The summary printed when training starts: data, device, networks, run folder, when there will be something to see,
/// and how long it takes if the recipe says so. `whole`: the recipe's full length is trained, so its stated time
/// applies.
std::string start_summary(const Recipe& recipe, const TrainingData& data, const StartInfo& beginning,
                          const std::filesystem::path& run, bool whole, size_t columns);

/// "ring (builtin), endless examples of 2 numbers, 8 classes".
std::string describe_data(const DatasetInfo& info);

/// A further stream: "stream b (the other domain, drawn apart): photos (folder), 300 examples of 3x64x64".
std::string describe_stream(const StreamSpec& spec, const TrainingData& data);

/// One row of the table of a network's layers.
std::string layer_row(const Network::Row& row, size_t columns);

/// A recipe's text for reading: comments that do not fit beside their key are put above it. Still valid TOML.
std::string readable_toml(const std::string& toml, size_t columns);

}  // namespace duet
