#include "duet/data/formats/npy.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/memory_size.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr double kGib = 1 << 30;

int64_t width_of(NpyType type) {
  switch (type) {
    case NpyType::b1:
    case NpyType::i1:
    case NpyType::u1:
      return 1;
    case NpyType::i2:
    case NpyType::u2:
    case NpyType::f2:
      return 2;
    case NpyType::i4:
    case NpyType::u4:
    case NpyType::f4:
      return 4;
    case NpyType::i8:
    case NpyType::u8:
    case NpyType::f8:
      return 8;
  }
  return 0;
}

void swap_bytes(std::vector<std::byte>& data, size_t width) {
  for (size_t i = 0; i + width <= data.size(); i += width)
    std::reverse(data.begin() + static_cast<ptrdiff_t>(i), data.begin() + static_cast<ptrdiff_t>(i + width));
}

/// Converts Fortran order to C order.
void to_c_order(std::vector<std::byte>& data, const std::vector<int64_t>& shape, size_t width) {
  if (shape.size() < 2) return;
  std::vector<std::byte> ordered(data.size());
  std::vector<int64_t> at(shape.size(), 0), stride(shape.size(), 1);
  for (size_t d = 1; d < shape.size(); ++d) stride[d] = stride[d - 1] * shape[d - 1];
  int64_t from = 0;
  for (size_t to = 0; to + width <= data.size(); to += width) {
    std::memcpy(ordered.data() + to, data.data() + static_cast<size_t>(from) * width, width);
    for (size_t d = shape.size(); d-- > 0;) {
      from += stride[d];
      if (++at[d] < shape[d]) break;
      from -= stride[d] * shape[d];
      at[d] = 0;
    }
  }
  data = std::move(ordered);
}

/// Reads `bytes` bytes, or fewer if there are no more. Grows as they arrive, unless they are known to exist.
std::vector<std::byte> read_up_to(const ReadBytes& read, int64_t bytes, bool known) {
  constexpr int64_t kFirst = int64_t{64} << 20;
  std::vector<std::byte> data;
  for (int64_t done = 0; done < bytes;) {
    data.resize(static_cast<size_t>(known ? bytes : std::min(bytes, std::max(kFirst, 2 * done))));
    const auto got = static_cast<int64_t>(read(std::span(data).subspan(static_cast<size_t>(done))));
    if (done + got == static_cast<int64_t>(data.size())) {
      done += got;
      continue;
    }
    data.resize(static_cast<size_t>(done + got));
    break;
  }
  return data;
}

/// Sequential reader of a file.
ReadBytes reader_of(std::ifstream& file, const std::string& place) {
  return [&file, place](std::span<std::byte> out) {
    file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    if (file.bad()) fail(Fault::data, "{}: cannot read: {}", place, std::strerror(errno));
    return static_cast<size_t>(file.gcount());
  };
}

}  // namespace

int64_t NpyHeader::count() const {
  int64_t numbers = 1;
  for (const int64_t dimension : shape) numbers *= dimension;
  return numbers;
}

int64_t NpyHeader::bytes() const { return type ? count() * width_of(*type) : 0; }

void check_memory(const NpyHeader& header) {
  const int64_t memory = machine_memory_bytes();
  if (header.bytes() <= memory) return;
  fail(Fault::data,
       "{}: {} takes {:.1f} GiB, and this machine has {:.1f}; expected what fits its memory; save fewer examples, or "
       "a smaller type (pictures as uint8)",
       header.place, describe(header), static_cast<double>(header.bytes()) / kGib, static_cast<double>(memory) / kGib);
}

NpyArray read_npy_data(const NpyHeader& header, const ReadBytes& read, bool known) {
  check_type(header);
  check_memory(header);
  NpyArray array{header.place, header.shape, *header.type, read_up_to(read, header.bytes(), known)};
  std::byte more[1];
  const bool longer = read(more) > 0;
  if (longer || static_cast<int64_t>(array.data.size()) != header.bytes())
    fail(Fault::data, "{}: {} bytes of data, the header declares {} (shape {}); the file is cut short or damaged",
         header.place, longer ? fmt::format("more than {}", array.data.size()) : std::to_string(array.data.size()),
         header.bytes(), fmt::join(header.shape, "x"));
  const auto width = static_cast<size_t>(width_of(array.type));
  if (header.big_endian) swap_bytes(array.data, width);
  if (header.fortran_order) to_c_order(array.data, array.shape, width);
  return array;
}

NpyArray read_npy(const fs::path& path) {
  const auto place = path.string();
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(Fault::data, "{}: cannot read: {}", place, std::strerror(errno));
  const auto read = reader_of(file, place);
  const auto header = read_npy_header(read, place);
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return read_npy_data(header, read, !error && header.bytes() <= static_cast<int64_t>(size));
}

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& place) {
  const ReadBytes read = [&bytes](std::span<std::byte> out) {
    const size_t count = std::min(out.size(), bytes.size());
    std::copy_n(bytes.begin(), count, out.begin());
    bytes = bytes.subspan(count);
    return count;
  };
  return read_npy_data(read_npy_header(read, place), read);
}

NpyView::NpyView(const char* type, const std::vector<int64_t>& shape, std::span<const std::byte> data, size_t count)
    : data_(data) {
  int64_t expected = 1;
  for (const int64_t dimension : shape) expected *= dimension;
  if (expected != static_cast<int64_t>(count))
    fail(Fault::internal, "{} numbers for an array of {}", count, fmt::join(shape, "x"));
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", type,
                                 fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  const size_t before = 10;
  text.append((64 - (before + text.size() + 1) % 64) % 64, ' ');
  text += '\n';
  header_ = "\x93NUMPY";
  header_ += {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  header_ += text;
}

NpyView::NpyView(const std::vector<int64_t>& shape, std::span<const float> data)
    : NpyView("<f4", shape, std::as_bytes(data), data.size()) {}
NpyView::NpyView(const std::vector<int64_t>& shape, std::span<const uint8_t> data)
    : NpyView("|u1", shape, std::as_bytes(data), data.size()) {}
NpyView::NpyView(const std::vector<int64_t>& shape, std::span<const int64_t> data)
    : NpyView("<i8", shape, std::as_bytes(data), data.size()) {}

void write_npy(const fs::path& path, const NpyView& array) {
  write_atomic(path, {std::as_bytes(std::span(array.header())), array.data()});
}

}  // namespace duet
