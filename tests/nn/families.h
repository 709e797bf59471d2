#pragma once

#include <gtest/gtest.h>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "duet/nn/network.h"

namespace duet {

/// The keys of a family, read from a recipe's text.
inline std::shared_ptr<NetworkConfig> config_of(const std::string& family, const std::string& toml) {
  for (const auto& entry : network_entries()) {
    if (entry.name != family) continue;
    auto made = entry.make();
    TomlDocument(toml, "test").read([&](Fields& fields) { made->fields(fields); });
    return made;
  }
  throw std::logic_error("no such family");
}

inline Network made_of(const std::string& family, const std::string& toml, const NetworkContext& context) {
  auto generator = make_generator(1);
  return {*config_of(family, toml), context, generator};
}

/// What the recipe is refused with.
inline std::string refusal_of(const std::string& family, const std::string& toml, const NetworkContext& context) {
  try {
    made_of(family, toml, context);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

}  // namespace duet
