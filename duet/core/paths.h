#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "duet/core/error.h"

namespace duet {

// std::filesystem either throws when the system denies access to a path, or reports the path as missing. These
// functions throw an Error with the reason.

/// Kind of file at a path, links followed. `other` is a device, a pipe or a socket.
enum class PathKind { missing, file, folder, other };

/// Kind of file at a path. Throws Error(fault) where the system denies access: a parent folder without permission, a
/// loop of links, a name that is too long.
PathKind look_at(const std::filesystem::path& path, Fault fault);

/// look_at(path) == file or folder; throws as look_at() does.
bool is_file(const std::filesystem::path& path, Fault fault);
bool is_folder(const std::filesystem::path& path, Fault fault);

/// The entries of a folder, sorted by name. Throws Error(fault) where it cannot be listed.
std::vector<std::filesystem::directory_entry> entries_of(const std::filesystem::path& folder, Fault fault);

/// For a path that was not found: throws Error(fault) if the reason is that the path is relative and the working folder
/// has been deleted.
void check_working_folder(const std::filesystem::path& path, Fault fault);

/// Message "PATH: CAUSE; EXPECTATION; REMEDY" for a path to which the system denied access with `error`.
std::string describe_refusal(const std::filesystem::path& path, const std::error_code& error);

}  // namespace duet
