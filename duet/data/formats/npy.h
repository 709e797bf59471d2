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

/// Header of a .npy file.
struct NpyHeader {
  std::string place{};            ///< for messages: "faces.npy", "set.npz:x"
  std::string name{};             ///< in a .npz: "x"
  std::vector<int64_t> shape{};   ///< as stored
  std::optional<NpyType> type{};  ///< none: a type that duet does not read
  std::string type_name;          ///< NumPy's name: "float16", "object", "complex64"
  bool big_endian = false;
  bool fortran_order = false;

  int64_t count() const;  ///< numbers
  int64_t bytes() const;  ///< size of the data; only with a type
};

/// "float64 [60,16,16,3]".
std::string describe(const NpyHeader& header);

/// One array in native byte order and C order, raw bytes.
struct NpyArray {
  std::string place;  ///< see NpyHeader
  std::vector<int64_t> shape;
  NpyType type = NpyType::u1;
  std::vector<std::byte> data;
};

/// Fills a span as far as data are available and returns the number of bytes.
using ReadBytes = std::function<size_t(std::span<std::byte>)>;

/// Reads the header of a .npy file, format version 1 to 3 (NumPy Enhancement Proposal 1). Throws Error(data) when it is
/// damaged; an unsupported type is not an error here.
NpyHeader read_npy_header(const ReadBytes& read, const std::string& place);

/// Reads the data after the header. Memory grows as data arrive and is not allocated by what the header claims, unless
/// that many bytes are known to exist. Throws Error(data) for an unsupported type, saying how to convert it, for fewer
/// or more bytes than declared, and for more than the machine's memory.
NpyArray read_npy_data(const NpyHeader& header, const ReadBytes& read, bool known = false);

/// Reads a .npy file. Throws Error(data) as above.
NpyArray read_npy(const std::filesystem::path& path);
/// The same from bytes.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& place);

/// Throws Error(data) for an unsupported type, with a way to convert it.
void check_type(const NpyHeader& header);
/// Throws Error(data) when the array takes more than this machine's memory.
void check_memory(const NpyHeader& header);

/// Smallest and largest number, and whether all are integers.
struct NumberExtent {
  double low = 0, high = 0;
  bool whole = true;
};
/// Throws Error(data) naming the first number that is not finite.
NumberExtent extent_of(const NpyArray& array);

/// All numbers as float32. Throws Error(data) naming the first that is not finite.
std::vector<float> to_floats(const NpyArray& array);

/// Class numbers from an array [N] or [N,1] of integers, stored as integer or float. Throws Error(data) for another
/// shape, or for a number other than 0 ... 65535.
std::vector<int> to_labels(const NpyArray& array);

/// A view of numbers to write, in C order; they must outlive it. Threads: may be read from several at once.
class NpyView {
 public:
  /// Throws Error(internal) when shape and data are inconsistent.
  NpyView(const std::vector<int64_t>& shape, std::span<const float> data);
  NpyView(const std::vector<int64_t>& shape, std::span<const uint8_t> data);
  NpyView(const std::vector<int64_t>& shape, std::span<const int64_t> data);

  /// The header of a .npy file (version 1.0): padded to a multiple of 64 bytes, so that the numbers can be
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
