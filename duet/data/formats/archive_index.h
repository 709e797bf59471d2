#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "duet/data/formats/class_folders.h"

namespace duet {

/// Where a picture lies in a file.
struct Extent {
  int64_t offset = 0;
  int64_t size = 0;
};

/// What one pass over an archive finds.
struct ArchiveIndex {
  FoundFiles found;
  bool zip = false;
  bool packed = false;                        ///< entries do not lie in the file as they are
  std::vector<std::vector<std::byte>> bytes;  ///< of a packed archive: the encoded pictures, in the order of `found`
  std::vector<Extent> extents;                ///< of another: where they lie
};

/// Reads an archive from beginning to end. Throws Error(data) as open_archive (archive.h).
ArchiveIndex index_archive(const std::filesystem::path& path, int64_t memory_bytes);

}  // namespace duet
