#pragma once

#include <filesystem>
#include <string>

#include "duet/train/loop.h"

namespace duet {

/// What a training begins with: data, device, networks, where the run goes, when there is something to see, and how
/// long it takes where the recipe says so. `whole`: the recipe's own length is trained, so that its time holds.
std::string greeting(const Recipe& recipe, const TrainingData& data, const Beginning& beginning,
                     const std::filesystem::path& run, bool whole, size_t columns);

/// "ring (builtin), endless examples of 2 numbers, 8 classes".
/// A further stream: "b (pictures of the other domain, drawn apart): photos (folder), 300 examples of 3x64x64".
std::string describe_stream(const StreamSpec& spec, const TrainingData& data);

std::string describe_data(const DatasetInfo& info);

/// One row of the table of a network's layers.
std::string layer_row(const Network::Row& row, size_t columns);

/// A recipe's text for reading: comments that have no room beside their key stand above it. Still TOML.
std::string readable_toml(const std::string& toml, size_t columns);

}  // namespace duet
