#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace duet {

/// One file of a published data set.
struct FetchFile {
  std::string name;
  int64_t bytes = 0;                 ///< its size; 0 if servers compress the same content differently
  std::string checksum;              ///< "sha256:HEX", "md5:HEX" or "gunzip-sha256:HEX", see checksum.h
  std::vector<std::string> servers;  ///< URLs in the order in which they are tried; the file's name is appended
  std::vector<std::string> members;  ///< of an archive: the files to unpack beside it, without their folders
};

/// A published data set that `duet data fetch` can get.
struct FetchSet {
  std::string name;
  std::string line;  ///< one-line description with source
  std::vector<FetchFile> files;
};

/// The data sets that can be downloaded: mnist, fashion-mnist, cifar10.
const std::vector<FetchSet>& fetch_sets();

/// Destination and source.
struct FetchOptions {
  std::filesystem::path folder;
  std::string mirror;  ///< a URL to use instead of the published ones; empty: those
  /// Called with every file's progress: its name, bytes received, bytes in all (0 unknown). May be empty.
  std::function<void(const std::string& file, int64_t done, int64_t total)> progress;
};

/// Downloads every file of a set into options.folder, which open_source(folder) then opens. Correct files that exist
/// are kept. Blocks. Throws Error(usage) for an unknown name (with the nearest known one), otherwise as fetch_file.
void fetch(const std::string& name, const FetchOptions& options);

/// Downloads one file: into .NAME.duet-part, continuing an earlier attempt, checked for size and checksum, then
/// renamed. Servers are tried in order. Archives are unpacked. Throws Error(device) when no server could be reached,
/// with each URL and reason; Error(data) when the downloaded or an existing file of that name is not the published one,
/// with both checksums.
void fetch_file(const FetchFile& file, const FetchOptions& options);

}  // namespace duet
