#pragma once

#include <cstdint>
#include <filesystem>

#include "duet/data/dataset.h"

namespace duet {

/// Maximum number of encoded bytes of a compressed archive that are kept in memory.
constexpr int64_t kArchiveMemoryBytes = int64_t{4} << 30;

/// The pictures in a .tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst or .zip, without unpacking it. The format is detected
/// from the content. Classes and parts are found as in a folder (folder.h), but a single outermost folder is removed
/// first: "cifar10/train/cat/1.png" is class cat of the training part, "pictures/1.png" has no label. One pass indexes
/// the entries. Those of a plain .tar are read in place later; the file must not change meanwhile. Those of other
/// archives stay in memory, encoded, up to `memory_bytes`. Throws Error(data) when the archive is damaged or encrypted,
/// contains no pictures, or exceeds that limit.
Source open_archive(const std::filesystem::path& path, const SourceOptions& options,
                    int64_t memory_bytes = kArchiveMemoryBytes);

}  // namespace duet
