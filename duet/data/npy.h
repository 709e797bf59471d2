#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// Element types of NumPy files that duet reads; little-endian.
enum class NpyType { u1, i4, i8, f4, f8 };

/// One array of a .npy or .npz file, as stored: C order, raw bytes.
struct NpyArray {
  std::string place;  ///< for messages: "faces.npy", "set.npz:x"
  std::vector<int64_t> shape;
  NpyType type = NpyType::u1;
  std::vector<std::byte> data;
};

/// Reads the bytes of a .npy file, format version 1 to 3 (NumPy Enhancement Proposal 1).
/// Throws Error(data) when they are damaged, of another element type, big-endian, in Fortran order, or shorter or
/// longer than the header declares.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& place);

/// The arrays of a .npz file (a zip of .npy files), in the file's order, each with its name (without .npy).
struct NamedArray {
  std::string name;
  NpyArray array;
};
std::vector<NamedArray> read_npz(const std::filesystem::path& path);

/// All numbers as float32. Throws Error(data) naming the first that is not finite.
std::vector<float> to_floats(const NpyArray& array);

/// Class numbers from an integer array [N] or [N,1]. Throws Error(data) when it is of floats, of another shape, or
/// holds a number outside 0 ... 65535.
std::vector<int> to_labels(const NpyArray& array);

/// Writes a .npy file (version 1.0, C order) atomically. Throws Error(device) when it cannot be written,
/// Error(internal) when shape and data disagree.
void write_npy(const std::filesystem::path& path, const std::vector<int64_t>& shape, std::span<const float> data);
void write_npy(const std::filesystem::path& path, const std::vector<int64_t>& shape, std::span<const uint8_t> data);

}  // namespace duet
