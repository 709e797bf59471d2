#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace duet {

// What in a run's folder is duet's own, and what a user has put beside it.

/// The JSON object of a file; null where there is none.
nlohmann::json object_in(const std::filesystem::path& file);

/// Whether a run may be made here: an empty folder, or what a process that was killed while making one has left.
bool is_unused(const std::filesystem::path& folder);

/// "000012000": how files are numbered by images seen.
std::string numbered(int64_t images);

/// The number of images in the name of a file that duet has numbered, "000012000.png"; none in another's.
std::optional<int64_t> images_in(const std::filesystem::path& file, const char* suffix);

/// Removes the files in a folder that are duet's own; whatever else lies there stays.
void remove_own(const std::filesystem::path& folder, const std::function<bool(const std::filesystem::path&)>& is_own);

/// Whether an object can be one of a run's records: "event" is a text, "images", where there, a whole number of at
/// least 0.
bool is_record(const nlohmann::ordered_json& event);

}  // namespace duet
