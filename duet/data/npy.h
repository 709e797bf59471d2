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

/// All numbers as float32. Throws Error(data) naming the first that is not finite.
std::vector<float> to_floats(const NpyArray& array);

/// Class numbers from an integer array [N] or [N,1]. Throws Error(data) when it is of floats, of another shape, or
/// holds a number outside 0 ... 65535.
std::vector<int> to_labels(const NpyArray& array);

/// Numbers to write, in C order; they must outlive it. Threads: may be read from several at once.
class NpyView {
 public:
  /// Throws Error(internal) when shape and data disagree.
  NpyView(const std::vector<int64_t>& shape, std::span<const float> data);
  NpyView(const std::vector<int64_t>& shape, std::span<const uint8_t> data);
  NpyView(const std::vector<int64_t>& shape, std::span<const int64_t> data);

  /// What a .npy file (version 1.0) holds before the numbers: as long as a multiple of 64 bytes, so that they can be
  /// memory-mapped.
  const std::string& header() const { return header_; }
  std::span<const std::byte> data() const { return data_; }

 private:
  NpyView(const char* type, const std::vector<int64_t>& shape, std::span<const std::byte> data, size_t count);
  std::string header_;
  std::span<const std::byte> data_;
};

/// Writes a .npy file atomically. Throws Error(device) when it cannot be written.
void write_npy(const std::filesystem::path& path, const NpyView& array);

}  // namespace duet
