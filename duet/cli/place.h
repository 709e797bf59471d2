#pragma once

#include <filesystem>
#include <string>

namespace duet {

/// Refuses, while nothing is made yet, a place of --out that is no new folder or "a file" (`is`), or that could not be
/// written. `expected` says what there should be. Throws Error(usage), Error(device) where the system would refuse.
void check_place(const std::filesystem::path& out, const std::string& is, const std::string& expected);

/// The file that a link leads to, so that the link stays one; another path as it is.
std::filesystem::path behind_links(const std::filesystem::path& out);

}  // namespace duet
