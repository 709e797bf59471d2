#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace duet {

// Names of files and of archive entries can be any bytes; TOML and JSON hold UTF-8 only.

/// True when the whole text is UTF-8.
bool is_utf8(std::string_view text);

/// The text with every byte that is not UTF-8 written as \xe9; valid UTF-8 is unchanged.
std::string utf8_escaped(std::string_view text);

/// JSON text of values whose strings and keys may hold any bytes; they are passed through utf8_escaped. `indent` as for
/// nlohmann::json::dump.
std::string json_text(const nlohmann::json& json, int indent = -1);
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

}  // namespace duet
