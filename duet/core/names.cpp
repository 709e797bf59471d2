#include "duet/core/names.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "duet/core/utf8.h"

namespace duet {
namespace {

template <class Json>
Json with_escapes(const Json& json) {
  if (json.is_string()) return utf8_escaped(json.template get_ref<const std::string&>());
  if (json.is_array()) {
    Json array = Json::array();
    for (const auto& item : json) array.push_back(with_escapes(item));
    return array;
  }
  if (!json.is_object()) return json;
  Json object = Json::object();
  for (const auto& [key, value] : json.items()) object[utf8_escaped(key)] = with_escapes(value);
  return object;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto character = utf8_character(text, at);
    if (!character.valid) return false;
    at += character.bytes;
  }
  return true;
}

std::string utf8_escaped(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto character = utf8_character(text, at);
    if (character.valid)
      out += text.substr(at, character.bytes);
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    at += character.bytes;
  }
  return out;
}

std::string json_text(const nlohmann::json& json, int indent) { return with_escapes(json).dump(indent); }
std::string json_text(const nlohmann::ordered_json& json, int indent) { return with_escapes(json).dump(indent); }

}  // namespace duet
