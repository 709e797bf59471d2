#pragma once

#include <filesystem>
#include <string>

namespace duet {

/// Checks --out before anything is made: throws Error(usage) if it exists and is neither a new folder nor "a file"
/// (`is`), Error(device) if it could not be written. `expected` says what it should be.
void check_output_path(const std::filesystem::path& out, const std::string& is, const std::string& expected);

/// The target of a link, so that the link itself is not replaced; any other path unchanged.
std::filesystem::path resolve_link(const std::filesystem::path& out);

}  // namespace duet
