#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace duet {

// Names of files and of entries in archives are any bytes; TOML and JSON hold UTF-8 only.

/// True when the whole text is UTF-8.
bool is_utf8(std::string_view text);

/// The text with every byte that is no UTF-8 as \xe9; UTF-8 comes back as it is.
std::string utf8_escaped(std::string_view text);

/// JSON text whose strings and keys may hold any bytes: each is utf8_escaped. `indent` as of nlohmann::json::dump.
std::string json_text(const nlohmann::json& json, int indent = -1);
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

}  // namespace duet
