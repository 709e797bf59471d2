#pragma once

#include <filesystem>
#include <string>

namespace duet {

/// The file's checksum in the form of `expected`, to be compared with it: "sha256:HEX" or "md5:HEX" of the file, or
/// "gunzip-sha256:HEX" of what a gzip file holds, which stays the same when somebody compresses it anew.
/// Throws Error(data) when the file cannot be read or is damaged gzip data, Error(internal) for another form.
std::string checksum_like(const std::string& expected, const std::filesystem::path& path);

}  // namespace duet
