#pragma once

#include <toml++/toml.h>

#include <functional>
#include <string>

#include "duet/config/fields.h"

namespace duet {

/// Origin of a node for messages, from its path "a.b.c" and the node (or null).
using TomlPlace = std::function<std::string(const std::string& path, const toml::node* node)>;

/// Called for a key that no field read: returns true to ignore it, false to refuse it.
using TomlPasses = std::function<bool(const std::string& path, const toml::node& node)>;

/// Called for a key `path` that was read although it is called `name` now.
using TomlRenamed = std::function<void(const std::string& path, const toml::node& node, const std::string& name)>;

/// Fills `visit`'s fields from a table; throws as TomlDocument::read does.
void read_toml(const toml::table& root, const TomlPlace& where, const TomlPasses& passes, const TomlRenamed& renamed,
               const std::function<void(Fields&)>& visit);

/// A node's value in TOML; tables are abbreviated.
std::string toml_value_text(const toml::node& node);

/// Type of a node for messages: "a table", "a whole number".
std::string toml_type_name(const toml::node& node);

}  // namespace duet
