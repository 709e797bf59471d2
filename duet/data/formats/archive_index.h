#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "duet/data/formats/class_folders.h"

namespace duet {

/// Position of a picture in a file.
struct Extent {
  int64_t offset = 0;
  int64_t size = 0;
};

/// Result of one pass over an archive.
struct ArchiveIndex {
  FoundFiles found;
  bool zip = false;
  bool packed = false;                        ///< entries are not stored in the file unchanged
  std::vector<std::vector<std::byte>> bytes;  ///< of a packed archive: the encoded pictures, in the order of `found`
  std::vector<Extent> extents;                ///< of other archives: their positions
};

/// Reads an archive from beginning to end. Throws Error(data) as open_archive (archive.h).
ArchiveIndex index_archive(const std::filesystem::path& path, int64_t memory_bytes);

}  // namespace duet
