#pragma once

#include <toml++/toml.h>

#include <functional>
#include <string>

#include "duet/core/fields.h"

namespace duet {

/// Says where a node came from: its path "a.b.c", and the node or null.
using TomlPlace = std::function<std::string(const std::string& path, const toml::node* node)>;

/// Fills `visit`'s fields from a table; see TomlDocument::read for what it throws.
void read_toml(const toml::table& root, const TomlPlace& where, const std::function<void(Fields&)>& visit);

/// "a table", "a whole number": what a node is, for messages.
std::string toml_type_name(const toml::node& node);

}  // namespace duet
