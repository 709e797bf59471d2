#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "duet/core/error.h"

namespace duet {

// std::filesystem throws where the system refuses to look at a path, and its quiet forms say "not there" in its stead.
// These say what is the matter.

/// What lies at a path, links followed. `other` is a device, a pipe or a socket.
enum class PathKind { missing, file, folder, other };

/// Looks at a path. Throws Error(fault) where the system refuses to: a folder on the way may not be entered, links lead
/// in a circle, a name is too long.
PathKind look_at(const std::filesystem::path& path, Fault fault);

/// look_at() == the kind, with its errors.
bool is_file(const std::filesystem::path& path, Fault fault);
bool is_folder(const std::filesystem::path& path, Fault fault);

/// What lies in a folder, sorted by name. Throws Error(fault) where it cannot be listed.
std::vector<std::filesystem::directory_entry> entries_of(const std::filesystem::path& folder, Fault fault);

/// For a path that was not found: throws Error(fault) where it could not be, because it is relative and the working
/// folder has been deleted.
void check_working_folder(const std::filesystem::path& path, Fault fault);

/// "PATH: CAUSE; EXPECTATION; REMEDY" for a path that the system refused with `error`.
std::string describe_refusal(const std::filesystem::path& path, const std::error_code& error);

}  // namespace duet
