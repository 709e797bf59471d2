#pragma once

#include <filesystem>
#include <string>

namespace duet {

/// What a file holds, told from its content alone.
struct Content {
  std::string format;  ///< "idx", "npy", "npz", "csv", "tar", "zip", "picture", "7-zip", "rar"; empty: none of them
  std::string compression;  ///< around it: "gzip", "bzip2", "xz" or "zstd"; empty: none
};

/// Looks at a file's beginning, and at the names in a zip. What cannot be read is no known content.
Content content_of(const std::filesystem::path& path);

/// What to do about the file at `path`, where it is packed so that it cannot be read as it is: "it is a .npy array
/// compressed by gzip, which is not read so: unpack it with gunzip and give x.npy". Empty where it is not.
std::string advice_on_packing(const std::filesystem::path& path, const Content& content);

}  // namespace duet
