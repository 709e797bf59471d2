#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace duet {

// Which files of a run folder belong to duet, and which a user has added.

/// The JSON object of a file; null if the file does not exist.
nlohmann::json object_in(const std::filesystem::path& file);

/// Whether a run may be created here: an empty folder, or leftovers of a process that was killed while creating one.
bool is_unused(const std::filesystem::path& folder);

/// File name by images seen: "000012000".
std::string numbered(int64_t images);

/// The number of images in the name of a numbered file, "000012000.png"; none for other names.
std::optional<int64_t> images_in(const std::filesystem::path& file, const char* suffix);

/// Removes the files in a folder for which `is_own` holds; all others stay.
void remove_own(const std::filesystem::path& folder, const std::function<bool(const std::filesystem::path&)>& is_own);

/// Whether an object is a valid record: "event" is a text; "images", if present, a whole number of at least 0.
bool is_record(const nlohmann::ordered_json& event);

}  // namespace duet
