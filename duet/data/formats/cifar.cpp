#include "duet/data/formats/cifar.h"

#include <algorithm>

#include "duet/core/files.h"
#include "duet/core/paths.h"
#include "duet/data/formats/array.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kPixels = 3 * 32 * 32;

/// Differences between the two sets.
struct Layout {
  const char* name;
  const char* inner_folder;  ///< in the published archive
  const char* names_file;    ///< a class name per line
  int classes;
  int label_bytes;  ///< before the pixels; the last is the label
  std::vector<std::string> train;
  std::string test;
};

const Layout& layout_10() {
  static const Layout layout{
      "CIFAR-10",
      "cifar-10-batches-bin",
      "batches.meta.txt",
      10,
      1,
      {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
      "test_batch.bin"};
  return layout;
}

const Layout& layout_100() {
  static const Layout layout{"CIFAR-100",   "cifar-100-binary", "fine_label_names.txt", 100, 2,
                             {"train.bin"}, "test.bin"};
  return layout;
}

struct Found {
  const Layout* layout = nullptr;
  fs::path folder;
};

Found find_files(const fs::path& folder) {
  for (const Layout* layout : {&layout_10(), &layout_100()})
    for (const fs::path& place : {folder, folder / layout->inner_folder})
      if (std::any_of(layout->train.begin(), layout->train.end(),
                      [&](const std::string& name) { return is_file(place / name, Fault::data); }))
        return {layout, place};
  return {};
}

void append_records(const fs::path& path, const Layout& layout, Array& part) {
  const auto bytes = read_bytes(path, Fault::data);
  const int64_t record = layout.label_bytes + kPixels, size = static_cast<int64_t>(bytes.size());
  if (size == 0 || size % record != 0)
    fail(Fault::data,
         "{}: {} bytes are not whole {} records of {} bytes ({} records and {} bytes over); the file is "
         "cut short or damaged, get it again",
         path.string(), size, layout.name, record, size / record, size % record);
  for (int64_t i = 0; i < size / record; ++i) {
    const std::byte* pixels = bytes.data() + i * record + layout.label_bytes;
    const int label = static_cast<int>(pixels[-1]);
    if (label >= layout.classes)
      fail(Fault::data, "{}[{}]: label {}, {} has 0 to {}; the file is damaged or of another set", path.string(), i,
           label, layout.name, layout.classes - 1);
    part.labels.push_back(label);
    part.data.insert(part.data.end(), pixels, pixels + kPixels);
  }
}

std::vector<std::string> class_names(const Found& found) {
  const fs::path path = found.folder / found.layout->names_file;
  const auto wanted = static_cast<size_t>(found.layout->classes);
  std::vector<std::string> names;
  if (!is_file(path, Fault::data)) {
    for (size_t c = 0; c < wanted; ++c) names.push_back(std::to_string(c));
    return names;
  }
  const std::string text = read_text(path, Fault::data);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string name = text.substr(begin, end - begin);
    while (!name.empty() && (name.back() == '\r' || name.back() == ' ')) name.pop_back();
    if (!name.empty()) names.push_back(name);
    begin = end + 1;
  }
  if (names.size() != wanted)
    fail(Fault::data, "{}: {} class names, expected {}, one a line; remove the file to number the classes",
         path.string(), names.size(), wanted);
  return names;
}

Array read_part(const Found& found, const std::vector<std::string>& names, const fs::path& asked) {
  Array part;
  for (const auto& name : names) {
    const fs::path path = found.folder / name;
    if (!is_file(path, Fault::data))
      fail(Fault::data, "{}: missing, though other {} files are there; expected {}; unpack the archive again",
           path.string(), found.layout->name, fmt::join(names, ", "));
    append_records(path, *found.layout, part);
  }
  part.file = names.size() == 1 ? names.front() : "data_batch";
  part.info = {asked.string(), "cifar",           {3, 32, 32}, Element::uint8, static_cast<int64_t>(part.labels.size()),
               false,          class_names(found)};
  return part;
}

}  // namespace

bool has_cifar_files(const fs::path& folder) { return find_files(folder).layout != nullptr; }

Source open_cifar(const fs::path& folder, const SourceOptions& options) {
  const Found found = find_files(folder);
  if (!found.layout)
    fail(Fault::data,
         "{}: no CIFAR binaries; expected a folder with data_batch_1.bin ... data_batch_5.bin (CIFAR-10) "
         "or train.bin (CIFAR-100), the \"binary version\" of the published archives",
         folder.string());
  Array train = read_part(found, found.layout->train, folder);
  fit_array(train, options);
  if (!is_file(found.folder / found.layout->test, Fault::data)) return {array_dataset(std::move(train)), nullptr};
  Array test = read_part(found, {found.layout->test}, folder);
  fit_array(test, options);
  return join_parts(std::move(train), std::move(test));
}

}  // namespace duet
