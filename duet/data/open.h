#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace duet {

/// A data set that was found by the names of its files.
struct KnownData {
  std::string path;
  std::string format;  ///< "idx", "cifar", "tar", "zip", "npy" or "csv"
};

/// Data in a known format below `folder`, up to three folders deep, sorted by path: what was probably meant if a folder
/// too high up was given. Pictures do not count as a format here. Empty when `folder` cannot be listed.
std::vector<KnownData> data_inside(const std::filesystem::path& folder);

/// The path for the file or folder that has a built-in set's name: "./digits" if `spec` is "digits" and there is one.
/// Empty otherwise.
std::string hidden_path(const std::string& spec);

/// "path (format)" of the first few, with paths quoted for a shell.
std::string describe_known(const std::vector<KnownData>& known);

}  // namespace duet
