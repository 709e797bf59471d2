#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// Element types of NumPy files that duet reads, in either byte order.
enum class NpyType { b1, i1, u1, i2, u2, i4, u4, i8, u8, f2, f4, f8 };

bool is_float(NpyType type);

/// What the beginning of a .npy file says of its array.
struct NpyHeader {
  std::string place{};            ///< for messages: "faces.npy", "set.npz:x"
  std::string name{};             ///< in a .npz: "x"
  std::vector<int64_t> shape{};   ///< as stored
  std::optional<NpyType> type{};  ///< none: of a type that duet does not read
  std::string type_name;          ///< as NumPy says it: "float16", "object", "complex64"
  bool big_endian = false;
  bool fortran_order = false;

  int64_t count() const;  ///< numbers
  int64_t bytes() const;  ///< that they take; only with a type
};

/// "float64 [60,16,16,3]".
std::string describe(const NpyHeader& header);

/// One array in this machine's byte order and C order, raw bytes.
struct NpyArray {
  std::string place;  ///< see NpyHeader
  std::vector<int64_t> shape;
  NpyType type = NpyType::u1;
  std::vector<std::byte> data;
};

/// Fills a span as far as there are bytes left, and gives how many it was.
using ReadBytes = std::function<size_t(std::span<std::byte>)>;

/// Reads the header of a .npy file, format version 1 to 3 (NumPy Enhancement Proposal 1). Throws Error(data) when it
/// is damaged; a type that is not read is no error yet.
NpyHeader read_npy_header(const ReadBytes& read, const std::string& place);

/// Reads what follows the header. Memory is taken as bytes come, not by what the header claims, unless so many are
/// known to be there. Throws Error(data) for a type that is not read, saying how to convert it, for fewer or more bytes
/// than declared, and for more than this machine's memory.
NpyArray read_npy_data(const NpyHeader& header, const ReadBytes& read, bool known = false);

/// A .npy file. Throws Error(data) as above, and when it takes more memory than there is.
NpyArray read_npy(const std::filesystem::path& path);
/// The bytes of one.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& place);

/// Throws Error(data) for a type that duet does not read, with a way to convert it.
void check_type(const NpyHeader& header);
/// Throws Error(data) when the array takes more than this machine's memory.
void check_memory(const NpyHeader& header);

/// Smallest and largest number, and whether all are whole.
struct NumberExtent {
  double low = 0, high = 0;
  bool whole = true;
};
/// Throws Error(data) naming the first number that is not finite.
NumberExtent extent_of(const NpyArray& array);

/// All numbers as float32. Throws Error(data) naming the first that is not finite.
std::vector<float> to_floats(const NpyArray& array);

/// Class numbers from an array [N] or [N,1] of whole numbers, integer or float. Throws Error(data) when it is of
/// another shape, or holds another number than 0 ... 65535.
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
