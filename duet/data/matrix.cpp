#include "duet/data/matrix.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "duet/core/files.h"
#include "duet/core/paths.h"
#include "duet/data/array.h"
#include "duet/data/csv.h"
#include "duet/data/npz.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

bool is_colours(int64_t channels) { return channels == 1 || channels == 3; }

bool channels_last(const std::vector<int64_t>& shape) {
  return shape.size() == 4 && is_colours(shape[3]) && !is_colours(shape[1]) && shape[2] > 1;
}

Shape example_shape(const NpyArray& array) {
  const auto& s = array.shape;
  if (std::any_of(s.begin(), s.end(), [](int64_t dimension) { return dimension == 0; }))
    fail(Fault::data, "{}: shape {} holds nothing; expected at least one example", array.place, fmt::join(s, "x"));
  switch (s.size()) {
    case 1:
      return {1, 1, 1};
    case 2:
      return {s[1], 1, 1};
    case 3:
      return {1, s[1], s[2]};
    case 4:
      return channels_last(s) ? Shape{s[3], s[1], s[2]} : Shape{s[1], s[2], s[3]};
    default:
      fail(Fault::data, "{}: {} dimensions; expected [N], [N,D], [N,H,W], [N,C,H,W] or [N,H,W,C]", array.place,
           s.size());
  }
}

/// [N,H,W,C] to [N,C,H,W], elements of `width` bytes.
std::vector<std::byte> to_planes(const std::vector<std::byte>& data, const Shape& shape, size_t width) {
  std::vector<std::byte> planes(data.size());
  const auto channels = static_cast<size_t>(shape.channels), pixels = static_cast<size_t>(shape.height * shape.width);
  const size_t stride = channels * pixels;
  for (size_t start = 0; start < data.size() / width; start += stride)
    for (size_t i = 0; i < pixels; ++i)
      for (size_t c = 0; c < channels; ++c)
        std::memcpy(planes.data() + (start + c * pixels + i) * width, data.data() + (start + i * channels + c) * width,
                    width);
  return planes;
}

std::vector<std::byte> bytes_of(const std::vector<float>& floats) {
  const auto bytes = std::as_bytes(std::span(floats));
  return {bytes.begin(), bytes.end()};
}

Array to_array(NpyArray npy, const std::optional<NpyArray>& labels, const fs::path& path) {
  Array array;
  array.file = fs::path(npy.place).filename().string();
  array.info.name = path.string();
  array.info.format = "npy";
  array.info.shape = example_shape(npy);
  array.info.size = npy.shape[0];
  array.info.element = npy.type == NpyType::u1 ? Element::uint8 : Element::float32;
  array.data = npy.type == NpyType::u1 ? std::move(npy.data) : bytes_of(to_floats(npy));
  if (channels_last(npy.shape))
    array.data = to_planes(array.data, array.info.shape, npy.type == NpyType::u1 ? 1 : sizeof(float));
  if (!labels) return array;
  array.labels = to_labels(*labels);
  if (static_cast<int64_t>(array.labels.size()) != array.info.size)
    fail(Fault::data, "{}: {} labels, but {} has {} examples; expected one label for each example", labels->place,
         array.labels.size(), npy.place, array.info.size);
  array.info.classes = number_classes(array.labels);
  return array;
}

/// Takes the array with the first of `names` that is there.
std::optional<NpyArray> take(std::vector<NamedArray>& arrays, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const auto found =
        std::find_if(arrays.begin(), arrays.end(), [&](const NamedArray& array) { return array.name == name; });
    if (found == arrays.end()) continue;
    NpyArray array = std::move(found->array);
    arrays.erase(found);
    return array;
  }
  return {};
}

Source open_npz(const fs::path& path, const SourceOptions& options) {
  auto arrays = read_npz(path);
  const auto labels = take(arrays, {"y", "labels", "y_train", "train_labels"});
  const auto test_labels = take(arrays, {"y_test", "test_labels"});
  auto test_examples = take(arrays, {"x_test", "test_images"});
  auto examples = take(arrays, {"x", "images", "data", "x_train", "train_images"});
  if (!examples && arrays.empty())
    fail(Fault::data, "{}: no examples among its arrays; expected an array named x, images or data", path.string());
  if (!examples) examples = std::move(arrays.front().array);
  Array train = to_array(std::move(*examples), labels, path);
  fit_array(train, options);
  if (!test_examples) return {array_dataset(std::move(train)), nullptr};
  Array test = to_array(std::move(*test_examples), test_labels, path);
  fit_array(test, options);
  return join_parts(std::move(train), std::move(test));
}

/// A folder with x.npy and perhaps y.npy, as make_dataset writes them.
Source open_pair(const fs::path& folder, const SourceOptions& options) {
  const auto read = [&](const char* name) {
    const auto file = folder / name;
    return parse_npy(read_bytes(file, Fault::data), file.string());
  };
  std::optional<NpyArray> labels;
  if (is_file(folder / "y.npy", Fault::data)) labels = read("y.npy");
  Array array = to_array(read("x.npy"), labels, folder);
  fit_array(array, options);
  return {array_dataset(std::move(array)), nullptr};
}

Source open_csv(const fs::path& path) {
  Table table = read_csv(path);
  Array array;
  array.file = path.filename().string();
  array.info = {path.string(), "csv", {table.columns, 1, 1},       Element::float32,
                table.rows,    false, number_classes(table.labels)};
  array.data = bytes_of(table.numbers);
  array.labels = std::move(table.labels);
  return {array_dataset(std::move(array)), nullptr};
}

}  // namespace

Source open_matrix(const fs::path& path, const SourceOptions& options) {
  if (is_folder(path, Fault::data)) return open_pair(path, options);
  const std::string extension = path.extension().string();
  if (extension == ".csv") return open_csv(path);
  if (extension == ".npz") return open_npz(path, options);
  const auto bytes = read_bytes(path, Fault::data);
  const auto begins = [&](std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
  };
  // Another name was given with its format, npy: or csv:, and the content says which.
  if (extension != ".npy" && begins("PK")) return open_npz(path, options);
  if (extension != ".npy" && !begins("\x93NUMPY")) return open_csv(path);
  Array array = to_array(parse_npy(bytes, path.string()), {}, path);
  fit_array(array, options);
  return {array_dataset(std::move(array)), nullptr};
}

}  // namespace duet
