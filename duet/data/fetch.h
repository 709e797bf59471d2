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
  int64_t bytes = 0;                 ///< its size; 0 where servers compress the same content differently
  std::string checksum;              ///< "sha256:HEX", "md5:HEX" or "gunzip-sha256:HEX", see checksum.h
  std::vector<std::string> servers;  ///< addresses in the order they are tried, the file's name is appended to each
  std::vector<std::string> members;  ///< of an archive: the files that are unpacked beside it, without their folders
};

/// A published data set that `duet data fetch` can get.
struct FetchSet {
  std::string name;
  std::string line;  ///< one-line description with source
  std::vector<FetchFile> files;
};

/// The data sets that can be fetched: mnist, fashion-mnist, cifar10.
const std::vector<FetchSet>& fetch_sets();

/// Where to, and from where.
struct FetchOptions {
  std::filesystem::path folder;
  std::string mirror;  ///< an address to use instead of the published ones; empty: those
  /// Told of every file's progress: its name, bytes there, bytes in all (0 unknown). May be empty.
  std::function<void(const std::string& file, int64_t done, int64_t total)> progress;
};

/// Gets every file of a set into options.folder, after which open_source(folder) opens it. Files that are there and
/// right are kept. Blocks. Throws Error(usage) for an unknown name (with the nearest known one), otherwise as
/// fetch_file.
void fetch(const std::string& name, const FetchOptions& options);

/// Gets one file: into .NAME.duet-part, going on where an earlier attempt broke off, checked for size and checksum,
/// then renamed. Servers are tried in order. Archives are unpacked. Throws Error(device) when no server could be
/// reached, with each address and reason; Error(data) when what came, or what lies there under that name, is not the
/// published file, with both checksums.
void fetch_file(const FetchFile& file, const FetchOptions& options);

}  // namespace duet
