#include "duet/data/npy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr int64_t kMostBytes = int64_t{1} << 42;
constexpr size_t kMostDimensions = 32;  // NumPy's own limit

size_t bytes_of(NpyType type) {
  switch (type) {
    case NpyType::u1:
      return 1;
    case NpyType::i4:
    case NpyType::f4:
      return 4;
    case NpyType::i8:
    case NpyType::f8:
      return 8;
  }
  return 0;
}

/// The text of a value in the header's Python dictionary, from after `'key':` on, without leading blanks.
std::string_view value_of(std::string_view header, const std::string& key, const std::string& place) {
  const size_t at = header.find("'" + key + "'");
  const size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  const size_t begin = colon == std::string_view::npos ? colon : header.find_first_not_of(' ', colon + 1);
  if (begin == std::string_view::npos)
    fail(Fault::data, "{}: the NumPy header has no '{}'; the file is damaged, save it again", place, key);
  return header.substr(begin);
}

NpyType parse_type(std::string_view value, const std::string& place) {
  const size_t end = value.empty() || value[0] != '\'' ? std::string_view::npos : value.find('\'', 1);
  const std::string_view name = end == std::string_view::npos ? value.substr(0, 16) : value.substr(1, end - 1);
  if (name == "|u1" || name == "<u1" || name == "u1") return NpyType::u1;
  if (name == "<i4") return NpyType::i4;
  if (name == "<i8") return NpyType::i8;
  if (name == "<f4") return NpyType::f4;
  if (name == "<f8") return NpyType::f8;
  fail(Fault::data,
       "{}: element type '{}'; expected uint8, int32, int64, float32 or float64, little-endian; convert it "
       "with array.astype('<f4')",
       place, name);
}

std::vector<int64_t> parse_shape(std::string_view value, const std::string& place) {
  const size_t end = value.find(')');
  if (value.empty() || value[0] != '(' || end == std::string_view::npos)
    fail(Fault::data, "{}: the NumPy header's shape is not a tuple; the file is damaged", place);
  std::vector<int64_t> shape;
  int64_t number = -1;
  for (const char letter : value.substr(1, end)) {
    if (letter >= '0' && letter <= '9') {
      number = std::max<int64_t>(number, 0) * 10 + (letter - '0');
      if (number > kMostBytes) fail(Fault::data, "{}: a dimension over {}; the file is damaged", place, kMostBytes);
    } else if (letter == ',' || letter == ')') {
      if (number >= 0) shape.push_back(number);
      number = -1;
    } else if (letter != ' ') {
      fail(Fault::data, "{}: '{}' in the NumPy header's shape; the file is damaged", place, letter);
    }
  }
  if (shape.size() > kMostDimensions)
    fail(Fault::data, "{}: {} dimensions; NumPy allows {}; the file is damaged", place, shape.size(), kMostDimensions);
  return shape;
}

/// Where the header's dictionary begins, and its length.
std::pair<size_t, size_t> header_range(std::span<const std::byte> bytes, const std::string& place) {
  const auto byte = [&](size_t i) { return static_cast<size_t>(bytes[i]); };
  if (bytes.size() < 12 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    fail(Fault::data, "{}: does not begin like a NumPy file ({} bytes); expected \\x93NUMPY", place, bytes.size());
  const size_t version = byte(6);
  if (version < 1 || version > 3)
    fail(Fault::data, "{}: NumPy file format version {}; expected 1, 2 or 3", place, version);
  const size_t begin = version == 1 ? 10 : 12;
  const size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - begin)
    fail(Fault::data, "{}: the header needs {} bytes, the file has {}; the file is cut short", place, begin + length,
         bytes.size());
  return {begin, length};
}

template <class T>
std::vector<float> convert(const NpyArray& array) {
  std::vector<float> floats(array.data.size() / sizeof(T));
  for (size_t i = 0; i < floats.size(); ++i) {
    T value;
    std::memcpy(&value, array.data.data() + i * sizeof(T), sizeof(T));
    floats[i] = static_cast<float>(value);
    if (!std::isfinite(floats[i]))
      fail(Fault::data, "{}: element {} is {}; expected finite float32 numbers; clean the array first", array.place, i,
           value);
  }
  return floats;
}

template <class T>
std::vector<int> convert_labels(const NpyArray& array) {
  std::vector<int> labels(array.data.size() / sizeof(T));
  for (size_t i = 0; i < labels.size(); ++i) {
    T value;
    std::memcpy(&value, array.data.data() + i * sizeof(T), sizeof(T));
    if (static_cast<int64_t>(value) < 0 || static_cast<int64_t>(value) > 65535)
      fail(Fault::data, "{}[{}]: label {}; expected a class number from 0 to 65535", array.place, i, value);
    labels[i] = static_cast<int>(value);
  }
  return labels;
}

}  // namespace

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& place) {
  const auto [begin, length] = header_range(bytes, place);
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + begin, length);
  NpyArray array;
  array.place = place;
  array.type = parse_type(value_of(header, "descr", place), place);
  array.shape = parse_shape(value_of(header, "shape", place), place);
  if (!value_of(header, "fortran_order", place).starts_with("False"))
    fail(Fault::data, "{}: stored in Fortran order; expected C order; save np.ascontiguousarray(array)", place);
  auto expected = static_cast<int64_t>(bytes_of(array.type));
  for (const int64_t dimension : array.shape) {
    if (dimension > 0 && expected > kMostBytes / dimension)
      fail(Fault::data, "{}: shape {} is too large; the file is damaged", place, fmt::join(array.shape, "x"));
    expected *= dimension;
  }
  const auto data = bytes.subspan(begin + length);
  if (static_cast<int64_t>(data.size()) != expected)
    fail(Fault::data, "{}: {} bytes of data, the header declares {} (shape {}); the file is cut short or damaged",
         place, data.size(), expected, fmt::join(array.shape, "x"));
  array.data.assign(data.begin(), data.end());
  return array;
}

std::vector<float> to_floats(const NpyArray& array) {
  switch (array.type) {
    case NpyType::u1:
      return convert<uint8_t>(array);
    case NpyType::i4:
      return convert<int32_t>(array);
    case NpyType::i8:
      return convert<int64_t>(array);
    case NpyType::f4:
      return convert<float>(array);
    case NpyType::f8:
      return convert<double>(array);
  }
  return {};
}

std::vector<int> to_labels(const NpyArray& array) {
  const bool column = array.shape.size() == 2 && array.shape[1] == 1;
  if (array.shape.size() != 1 && !column)
    fail(Fault::data, "{}: labels of shape {}; expected one class number for each example, [N]", array.place,
         fmt::join(array.shape, "x"));
  switch (array.type) {
    case NpyType::u1:
      return convert_labels<uint8_t>(array);
    case NpyType::i4:
      return convert_labels<int32_t>(array);
    case NpyType::i8:
      return convert_labels<int64_t>(array);
    case NpyType::f4:
    case NpyType::f8:
      break;
  }
  fail(Fault::data, "{}: labels are floats; expected integers; convert them with array.astype('i4')", array.place);
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
  header_ = kMagic;
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
