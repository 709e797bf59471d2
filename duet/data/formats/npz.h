#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "duet/data/formats/npy.h"

namespace duet {

/// The arrays of a .npz file (a zip of .npy files), in the file's order, each with its name (without .npy), but without
/// numbers. One with a damaged header has the type "unreadable". Throws Error(data) when the file is damaged or
/// contains no array.
std::vector<NpyHeader> npz_headers(const std::filesystem::path& path);

/// Reads one of them. Throws Error(data) when it is damaged, has an unsupported type, exceeds the machine's memory, or
/// is implausibly large for the compressed file.
NpyArray read_npz(const std::filesystem::path& path, const NpyHeader& header);

/// Writes named arrays as a .npz file, uncompressed and without a date, so that the same arrays give the same bytes.
/// Atomic. Throws Error(device) when it cannot be written.
void write_npz(const std::filesystem::path& path, const std::vector<std::pair<std::string, NpyView>>& arrays);

}  // namespace duet
