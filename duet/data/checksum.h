#pragma once

#include <filesystem>
#include <string>

namespace duet {

/// The file's checksum in the form of `expected`, for comparison with it: "sha256:HEX" or "md5:HEX" of the file, or
/// "gunzip-sha256:HEX" of the decompressed content of a gzip file, which does not change when it is compressed anew.
/// Throws Error(data) when the file cannot be read or is damaged gzip data, Error(internal) for another form.
std::string checksum_like(const std::string& expected, const std::filesystem::path& path);

}  // namespace duet
