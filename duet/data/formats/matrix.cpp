#include "duet/data/formats/matrix.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/paths.h"
#include "duet/data/formats/array.h"
#include "duet/data/formats/array_layout.h"
#include "duet/data/formats/array_roles.h"
#include "duet/data/formats/array_values.h"
#include "duet/data/formats/csv.h"
#include "duet/data/formats/npz.h"
#include "duet/picture/image.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// [N,H,W,C] to [N,C,H,W], in place.
void to_planes(std::vector<std::byte>& data, const Shape& shape) {
  const auto channels = static_cast<size_t>(shape.channels), pixels = static_cast<size_t>(shape.height * shape.width);
  std::vector<std::byte> example(channels * pixels);
  for (size_t start = 0; start < data.size(); start += example.size()) {
    std::copy_n(data.begin() + static_cast<ptrdiff_t>(start), example.size(), example.begin());
    for (size_t i = 0; i < pixels; ++i)
      for (size_t c = 0; c < channels; ++c) data[start + c * pixels + i] = example[i * channels + c];
  }
}

/// Two and four channels are grey and RGB with alpha.
bool has_alpha(const Shape& shape) { return shape.channels == 2 || shape.channels == 4; }

int64_t count_transparent(const Array& array) {
  const auto pixels = static_cast<size_t>(array.info.shape.height * array.info.shape.width);
  const auto stride = static_cast<size_t>(array.info.shape.numel());
  int64_t transparent = 0;
  for (size_t end = stride; end <= array.data.size(); end += stride)
    transparent += std::any_of(array.data.begin() + static_cast<ptrdiff_t>(end - pixels),
                               array.data.begin() + static_cast<ptrdiff_t>(end),
                               [](std::byte alpha) { return alpha != std::byte{255}; });
  return transparent;
}

/// Composites transparency over white, as for picture files.
void lay_over_white(Array& array) {
  const int64_t transparent = count_transparent(array);
  array.info.reading.push_back(
      transparent == 0 ? std::string("alpha is full everywhere and left out")
                       : fmt::format("{} of {} pictures are transparent somewhere, and composited over white",
                                     transparent, array.info.size));
  recolour(array, array.info.shape.channels == 2 ? 1 : 3);
}

void take_pictures(Array& array, const NpyArray& npy, const ArrayLayout& layout, const PictureRange& range) {
  array.info.element = Element::uint8;
  array.data = npy.type == NpyType::u1 ? npy.data : to_picture_bytes(npy, range.range);
  if (layout.channels_last) to_planes(array.data, layout.shape);
  if (!range.reading.empty()) array.info.reading.push_back(range.reading);
  if (!has_alpha(layout.shape)) return;
  if (range.range.low < 0)
    fail(Fault::data,
         "{}: {} float pictures of -1..1 with alpha; where alpha begins, at -1 or at 0, cannot be told; save them as "
         "0..1, or as uint8",
         npy.place, array.info.size);
  lay_over_white(array);
}

std::vector<std::byte> bytes_of(const std::vector<float>& floats) {
  const auto bytes = std::as_bytes(std::span(floats));
  return {bytes.begin(), bytes.end()};
}

void add_labels(Array& array, const NpyArray& npy, const std::optional<NpyArray>& labels) {
  if (!labels) return;
  array.labels = to_labels(*labels);
  if (static_cast<int64_t>(array.labels.size()) != array.info.size)
    fail(Fault::data, "{}: {} labels, but {} has {} examples; expected one label for each example", labels->place,
         array.labels.size(), npy.place, array.info.size);
  array.info.classes = number_classes(array.labels);
}

/// The range of all of `arrays`, which are parts of one set.
PictureRange common_range(const std::vector<const NpyArray*>& arrays) {
  if (arrays[0]->type == NpyType::u1) return picture_range({}, NpyType::u1, arrays[0]->place);
  auto extent = extent_of(*arrays[0]);
  for (size_t i = 1; i < arrays.size(); ++i) {
    const auto other = extent_of(*arrays[i]);
    extent = {std::min(extent.low, other.low), std::max(extent.high, other.high), extent.whole && other.whole};
  }
  return picture_range(extent, arrays[0]->type, arrays[0]->place);
}

/// `parts`: all arrays of examples, including this one.
Array to_array(const NpyArray& npy, const std::optional<NpyArray>& labels, const fs::path& path,
               const std::vector<const NpyArray*>& parts) {
  const auto layout = layout_of(npy.shape, npy.place);
  Array array;
  array.file = fs::path(npy.place).filename().string();
  array.info.name = path.string();
  array.info.format = "npy";
  array.info.shape = layout.shape;
  array.info.size = npy.shape[0];
  if (!layout.reading.empty()) array.info.reading.push_back(layout.reading);
  if (!layout.doubt.empty()) array.info.doubts.push_back({"shape", layout.doubt});
  if (layout.shape.is_vector()) {
    array.info.element = Element::float32;
    array.data = bytes_of(to_floats(npy));
  } else {
    take_pictures(array, npy, layout, common_range(parts));
  }
  add_labels(array, npy, labels);
  return array;
}

/// "examples: arr_1 (uint8 [60,16,16,3]); labels: arr_0 (int64 [60])", and the ignored arrays.
std::vector<std::string> describe(const ArrayRoles& roles, const std::vector<NpyHeader>& arrays) {
  constexpr size_t kMost = 8;
  if (arrays.size() == 1) return {};
  const auto name = [&](size_t i) { return fmt::format("{} ({})", arrays[i].name, describe(arrays[i])); };
  std::vector<std::string> lines{"examples: " + name(roles.examples)};
  if (roles.labels) lines[0] += "; labels: " + name(*roles.labels);
  if (roles.test_examples) lines[0] += "; test examples: " + name(*roles.test_examples);
  if (roles.test_labels) lines[0] += "; test labels: " + name(*roles.test_labels);
  if (roles.left_out.empty()) return lines;
  std::vector<std::string> left_out;
  for (size_t i = 0; i < std::min(roles.left_out.size(), kMost); ++i) left_out.push_back(name(roles.left_out[i]));
  lines.push_back(fmt::format(
      "left out: {}{}", fmt::join(left_out, ", "),
      roles.left_out.size() > kMost ? fmt::format(" and {} more arrays", roles.left_out.size() - kMost) : ""));
  return lines;
}

Source open_npz(const fs::path& path, const SourceOptions& options) {
  const auto arrays = npz_headers(path);
  const auto load = [&](const NpyHeader& header) { return read_npz(path, header); };
  const auto roles = find_roles(arrays, load, path.string());
  const auto load_role = [&](const std::optional<size_t>& role) {
    return role ? std::optional<NpyArray>(load(arrays[*role])) : std::nullopt;
  };
  const auto examples = load(arrays[roles.examples]);
  const auto test_examples = load_role(roles.test_examples);
  std::vector<const NpyArray*> parts{&examples};
  if (test_examples) parts.push_back(&*test_examples);
  Array train = to_array(examples, load_role(roles.labels), path, parts);
  const auto said = describe(roles, arrays);
  train.info.reading.insert(train.info.reading.begin(), said.begin(), said.end());
  if (!roles.doubt.empty()) train.info.doubts.push_back({"labels_left_out", roles.doubt});
  fit_array(train, options);
  if (!test_examples) return {array_dataset(std::move(train)), nullptr};
  Array test = to_array(*test_examples, load_role(roles.test_labels), path, parts);
  fit_array(test, options);
  return join_parts(std::move(train), std::move(test));
}

Source open_array(const NpyArray& npy, const std::optional<NpyArray>& labels, const fs::path& path,
                  const SourceOptions& options) {
  Array array = to_array(npy, labels, path, {&npy});
  fit_array(array, options);
  return {array_dataset(std::move(array)), nullptr};
}

/// A folder with x.npy and optionally y.npy, as make_dataset writes them.
Source open_pair(const fs::path& folder, const SourceOptions& options) {
  std::optional<NpyArray> labels;
  if (fs::exists(folder / "y.npy")) labels = read_npy(folder / "y.npy");
  return open_array(read_npy(folder / "x.npy"), labels, folder, options);
}

Source open_csv(const fs::path& path) {
  Table table = read_csv(path);
  Array array;
  array.file = path.filename().string();
  array.info.name = path.string();
  array.info.format = "csv";
  array.info.shape = {table.columns, 1, 1};
  array.info.element = Element::float32;
  array.info.size = table.rows;
  array.info.classes = std::move(table.classes);
  array.info.columns = std::move(table.names);
  array.info.reading = std::move(table.reading);
  array.info.doubts = std::move(table.doubts);
  array.data = bytes_of(table.numbers);
  array.labels = std::move(table.labels);
  return {array_dataset(std::move(array)), nullptr};
}

bool begins(const fs::path& path, std::string_view magic) {
  std::string start(magic.size(), '\0');
  std::ifstream(path, std::ios::binary).read(start.data(), static_cast<std::streamsize>(start.size()));
  return start == magic;
}

}  // namespace

Source open_matrix(const fs::path& path, const SourceOptions& options) {
  if (is_folder(path, Fault::data)) return open_pair(path, options);
  // The extension may say nothing: formats npy and csv accept any name.
  if (begins(path, "PK\3\4")) return open_npz(path, options);
  if (begins(path, "\x93NUMPY")) return open_array(read_npy(path), {}, path, options);
  const std::string extension = path.extension().string();
  if (extension == ".npz") return open_npz(path, options);
  if (extension == ".npy") return open_array(read_npy(path), {}, path, options);
  return open_csv(path);
}

}  // namespace duet
