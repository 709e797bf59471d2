#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "duet/core/error.h"
#include "duet/data/formats/npy.h"

// The header of a .npy file: a Python dictionary as text.

namespace duet {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr int64_t kMostBytes = int64_t{1} << 42;
constexpr size_t kMostDimensions = 32;  // NumPy's own limit
constexpr size_t kMostHeader = size_t{1} << 20;

/// The text of a value in the header's dictionary, from after `'key':` on, without leading blanks.
std::string_view value_of(std::string_view header, const std::string& key, const std::string& place) {
  // Keys are sorted, and "descr" may contain names of fields: keys before it occur first, keys after it last.
  const auto quoted = "'" + key + "'";
  const size_t at = key == "descr" ? header.find(quoted) : header.rfind(quoted);
  const size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  const size_t begin = colon == std::string_view::npos ? colon : header.find_first_not_of(' ', colon + 1);
  if (begin == std::string_view::npos)
    fail(Fault::data, "{}: the NumPy header has no '{}'; the file is damaged, save it again", place, key);
  return header.substr(begin);
}

struct KnownType {
  std::string_view code;
  std::string_view name;
  std::optional<NpyType> type;
};

constexpr KnownType kTypes[] = {
    {"b1", "bool", NpyType::b1},       {"i1", "int8", NpyType::i1},       {"u1", "uint8", NpyType::u1},
    {"i2", "int16", NpyType::i2},      {"u2", "uint16", NpyType::u2},     {"i4", "int32", NpyType::i4},
    {"u4", "uint32", NpyType::u4},     {"i8", "int64", NpyType::i8},      {"u8", "uint64", NpyType::u8},
    {"f2", "float16", NpyType::f2},    {"f4", "float32", NpyType::f4},    {"f8", "float64", NpyType::f8},
    {"f16", "float128", std::nullopt}, {"c8", "complex64", std::nullopt}, {"c16", "complex128", std::nullopt},
    {"O", "object", std::nullopt},
};

std::string name_of_unknown(std::string_view code) {
  if (code.starts_with('U') || code.starts_with('S')) return "text";
  if (code.starts_with('M')) return "datetime64";
  if (code.starts_with('m')) return "timedelta64";
  return fmt::format("'{}'", code);
}

void parse_type(std::string_view value, NpyHeader& header) {
  const size_t end = value.empty() || value[0] != '\'' ? std::string_view::npos : value.find('\'', 1);
  if (end == std::string_view::npos) {
    header.type_name = value.starts_with('[') ? "structured" : fmt::format("'{}'", value.substr(0, 16));
    return;
  }
  auto code = value.substr(1, end - 1);
  header.big_endian = code.starts_with('>');
  if (!code.empty() && std::string_view("<>|=").find(code.front()) != std::string_view::npos) code.remove_prefix(1);
  header.type_name = name_of_unknown(code);
  for (const auto& known : kTypes)
    if (known.code == code) header.type = known.type, header.type_name = known.name;
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
  int64_t bytes = 16;  // of the largest element type
  for (const int64_t dimension : shape) {
    if (dimension > 0 && bytes > 16 * kMostBytes / dimension)
      fail(Fault::data, "{}: shape {} is too large; the file is damaged", place, fmt::join(shape, "x"));
    bytes *= dimension;
  }
  return shape;
}

/// The header's dictionary.
std::string header_text(const ReadBytes& read, const std::string& place) {
  std::byte start[12];
  const auto byte = [&](size_t i) { return static_cast<size_t>(start[i]); };
  const size_t got = read(start);
  if (got < sizeof start || std::memcmp(start, kMagic.data(), kMagic.size()) != 0)
    fail(Fault::data, "{}: does not begin like a NumPy file ({} bytes); expected \\x93NUMPY", place, got);
  const size_t version = byte(6);
  if (version < 1 || version > 3)
    fail(Fault::data, "{}: NumPy file format version {}; expected 1, 2 or 3", place, version);
  const bool is_long = version > 1;
  const size_t length = byte(8) | byte(9) << 8 | (is_long ? byte(10) << 16 | byte(11) << 24 : 0);
  if (length > kMostHeader)
    fail(Fault::data, "{}: a header of {} bytes; expected at most {}; the file is damaged", place, length, kMostHeader);
  // The short length leaves two bytes of the text among those read.
  std::string text(reinterpret_cast<const char*>(start + 10), is_long ? 0 : 2);
  const size_t before = text.size();
  text.resize(std::max(length, before));
  const size_t rest = read(std::as_writable_bytes(std::span(text).subspan(before)));
  if (before + rest < length)
    fail(Fault::data, "{}: the header needs {} bytes, the file has {}; the file is cut short", place,
         (is_long ? 12 : 10) + length, sizeof start + rest);
  return text;
}

}  // namespace

NpyHeader read_npy_header(const ReadBytes& read, const std::string& place) {
  const auto text = header_text(read, place);
  NpyHeader header;
  header.place = place;
  parse_type(value_of(text, "descr", place), header);
  header.shape = parse_shape(value_of(text, "shape", place), place);
  header.fortran_order = !value_of(text, "fortran_order", place).starts_with("False");
  return header;
}

std::string describe(const NpyHeader& header) {
  return fmt::format("{} [{}]", header.type_name, fmt::join(header.shape, ","));
}

void check_type(const NpyHeader& header) {
  if (header.type) return;
  const auto& name = header.type_name;
  const char* advice = "save array.astype('f4')";
  if (name == "object") advice = "save one array of numbers, such as np.stack(parts) of parts of one shape";
  if (name.starts_with("complex")) advice = "save np.abs(array), or array.real";
  if (name == "text") advice = "save numbers";
  if (name == "structured")
    advice = "save its fields as columns: numpy.lib.recfunctions.structured_to_unstructured(array)";
  fail(Fault::data, "{}: element type {} is not read; expected integers, float16, float32, float64 or bool; {}",
       header.place, name, advice);
}

}  // namespace duet
