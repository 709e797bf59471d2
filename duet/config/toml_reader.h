#pragma once

#include <toml++/toml.h>

#include <functional>
#include <string>

#include "duet/config/fields.h"

namespace duet {

/// Says where a node came from: its path "a.b.c", and the node or null.
using TomlPlace = std::function<std::string(const std::string& path, const toml::node* node)>;

/// Asked about a key that no field wanted: true passes it over, false refuses it.
using TomlPasses = std::function<bool(const std::string& path, const toml::node& node)>;

/// Fills `visit`'s fields from a table; see TomlDocument::read for what it throws.
void read_toml(const toml::table& root, const TomlPlace& where, const TomlPasses& passes,
               const std::function<void(Fields&)>& visit);

/// A node's value as a recipe would spell it, a table in short.
std::string toml_value_text(const toml::node& node);

/// "a table", "a whole number": what a node is, for messages.
std::string toml_type_name(const toml::node& node);

}  // namespace duet
