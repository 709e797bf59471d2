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

/// Data in a known format below `folder`, up to three folders deep, sorted by path: what the user meant who gave a
/// folder that is too high. Pictures are not a format in this sense. Empty when `folder` cannot be listed.
std::vector<KnownData> data_inside(const std::filesystem::path& folder);

/// The path that means the file or folder of a built-in set's name: "./digits" where `spec` is "digits" and there is
/// one. Empty where no name is hidden.
std::string hidden_path(const std::string& spec);

/// "path (format)" of the first few, as a shell takes the paths.
std::string describe_known(const std::vector<KnownData>& known);

}  // namespace duet
