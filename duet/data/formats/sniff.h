#pragma once

#include <filesystem>
#include <string>

namespace duet {

/// Type of a file, detected from its content alone.
struct Content {
  std::string format;  ///< "idx", "npy", "npz", "csv", "tar", "zip", "picture", "7-zip", "rar"; empty: none of them
  std::string compression;  ///< around it: "gzip", "bzip2", "xz" or "zstd"; empty: none
};

/// Inspects a file's beginning, and the names in a zip. A file that cannot be read has no known type.
Content content_of(const std::filesystem::path& path);

/// Advice for a file that is packed in a way that cannot be read: "it is a .npy array compressed by gzip, which is not
/// read so: unpack it with gunzip and give x.npy". Empty for other files.
std::string advice_on_packing(const std::filesystem::path& path, const Content& content);

}  // namespace duet
