#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "duet/data/npy.h"

namespace duet {

/// The arrays of a .npz file (a zip of .npy files), in the file's order, each with its name (without .npy).
struct NamedArray {
  std::string name;
  NpyArray array;
};
/// Throws Error(data) when the file is damaged, or holds no array or one that parse_npy refuses.
std::vector<NamedArray> read_npz(const std::filesystem::path& path);

/// Writes named arrays as a .npz file, uncompressed and with no date: the same arrays give the same bytes. Atomically.
/// Throws Error(device) when it cannot be written.
void write_npz(const std::filesystem::path& path, const std::vector<std::pair<std::string, NpyView>>& arrays);

}  // namespace duet
