#include "duet/data/formats/idx.h"

#include <algorithm>
#include <array>
#include <optional>

#include "duet/core/files.h"
#include "duet/core/paths.h"
#include "duet/data/formats/array.h"
#include "duet/data/formats/gzip.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr int kUnsignedByte = 0x08;               // the third byte of the magic number: the type of an element
constexpr int64_t kMostBytes = int64_t{1} << 40;  // larger than any real file; a header that declares more is damaged

/// Reads a file, decompressing gzip, up to `limit` bytes.
std::vector<std::byte> read_plain(const std::vector<std::byte>& file, int64_t limit, const fs::path& path) {
  if (looks_like_gzip(file)) return gunzip(file, limit, path.string()).bytes;
  return {file.begin(), file.begin() + static_cast<ptrdiff_t>(std::min<size_t>(file.size(), limit))};
}

/// Header of an IDX file: bytes 0, 0, type, dimensions, then each dimension as four bytes, big endian.
struct Header {
  std::vector<int64_t> dimensions;
  int64_t bytes() const { return 4 + 4 * static_cast<int64_t>(dimensions.size()); }
  int64_t payload = 0;
};

uint32_t big_endian(const std::byte* bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint32_t>(bytes[i]);
  return value;
}

Header parse_header(const std::vector<std::byte>& bytes, const fs::path& path, const std::string& expected) {
  if (bytes.size() < 4)
    fail(Fault::data, "{}: {} bytes, too short for an IDX file; expected {}", path.string(), bytes.size(), expected);
  const uint32_t magic = big_endian(bytes.data());
  if (magic >> 16 != 0)
    fail(Fault::data, "{}: begins with 0x{:08x}, not an IDX file; expected {}", path.string(), magic, expected);
  if ((magic >> 8 & 0xff) != kUnsignedByte)
    fail(Fault::data,
         "{}: IDX magic 0x{:08x} says element type 0x{:02x}; only unsigned bytes (0x08) are read; "
         "expected {}",
         path.string(), magic, magic >> 8 & 0xff, expected);
  Header header;
  header.dimensions.resize(magic & 0xff);
  if (static_cast<int64_t>(bytes.size()) < header.bytes())
    fail(Fault::data, "{}: {} bytes, the header alone needs {}; the file is cut short", path.string(), bytes.size(),
         header.bytes());
  header.payload = 1;
  for (size_t i = 0; i < header.dimensions.size(); ++i) {
    header.dimensions[i] = big_endian(bytes.data() + 4 + 4 * i);
    if (header.dimensions[i] == 0 || header.payload > kMostBytes / header.dimensions[i])
      fail(Fault::data, "{}: dimension {} of the header is {}; the header is damaged", path.string(), i + 1,
           header.dimensions[i]);
    header.payload *= header.dimensions[i];
  }
  return header;
}

struct Idx {
  std::vector<int64_t> dimensions;
  std::vector<std::byte> data;
};

/// `dimensions`: number of dimensions allowed; `expected`: the same in words with the magic number.
Idx read_idx(const fs::path& path, std::array<size_t, 2> dimensions, const std::string& expected) {
  const auto file = read_bytes(path, Fault::data);
  // The header first: it determines how much may be decompressed.
  const Header header = parse_header(read_plain(file, 4 + 4 * 255, path), path, expected);
  const size_t found = header.dimensions.size();
  if (found < dimensions[0] || found > dimensions[1])
    fail(Fault::data, "{}: IDX magic 0x{:08x} says {} dimensions; expected {}", path.string(),
         kUnsignedByte << 8 | static_cast<int>(found), found, expected);
  const int64_t total = header.bytes() + header.payload;
  auto bytes = read_plain(file, total + 1, path);
  const auto size = static_cast<int64_t>(bytes.size());
  if (size < total)
    fail(Fault::data, "{}: {} bytes{}, the header declares {}; the file is cut short, get it again", path.string(),
         size, looks_like_gzip(file) ? " after decompression" : "", total);
  if (size > total)
    fail(Fault::data, "{}: more than the {} bytes that the header declares; the header or the file is damaged",
         path.string(), total);
  bytes.erase(bytes.begin(), bytes.begin() + header.bytes());
  return {header.dimensions, std::move(bytes)};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.rfind(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// The name without .gz.
std::string stem_of(const std::string& name) { return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name; }

/// The labels file beside an images file, plain or compressed, if there is one.
std::optional<fs::path> labels_beside(const fs::path& images) {
  const std::string name = idx_labels_name(images.filename().string());
  if (name.empty()) return {};
  for (const char* ending : {"", ".gz"}) {
    const fs::path path = images.parent_path() / (name + ending);
    if (is_file(path, Fault::data)) return path;
  }
  return {};
}

std::vector<int> read_labels(const fs::path& path, const fs::path& images, int64_t count) {
  const Idx idx = read_idx(path, {1, 1}, "labels (0x00000801)");
  if (idx.dimensions[0] != count)
    fail(Fault::data, "{}: {} labels, but {} has {} images; expected one label for each image", path.string(),
         idx.dimensions[0], images.string(), count);
  std::vector<int> labels;
  labels.reserve(idx.data.size());
  for (const std::byte label : idx.data) labels.push_back(static_cast<int>(label));
  return labels;
}

Array read_part(const fs::path& images, const std::string& name) {
  Idx idx = read_idx(images, {3, 4}, "images (0x00000803, or 0x00000804 with channels)");
  Array part;
  part.file = images.filename().string();
  const size_t rank = idx.dimensions.size();
  part.info.name = name;
  part.info.format = "idx";
  part.info.shape = {rank == 4 ? idx.dimensions[1] : 1, idx.dimensions[rank - 2], idx.dimensions[rank - 1]};
  part.info.size = idx.dimensions[0];
  part.data = std::move(idx.data);
  if (const auto labels = labels_beside(images)) part.labels = read_labels(*labels, images, part.info.size);
  part.info.classes = number_classes(part.labels);
  return part;
}

/// The images file of a part in a folder. A plain file is preferred to its compressed version; two different sets in
/// one folder (as EMNIST is published) are an error, because nothing says which is meant.
std::optional<fs::path> find_images(const fs::path& folder, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const auto& entry : entries_of(folder, Fault::data)) {
    const std::string name = entry.path().filename().string();
    const bool wanted = std::any_of(words.begin(), words.end(),
                                    [&](const std::string& word) { return name.find(word) != std::string::npos; });
    if (is_idx_name(name) && wanted) names.push_back(name);
  }
  if (names.empty()) return {};
  std::sort(names.begin(), names.end());
  if (stem_of(names.front()) != stem_of(names.back()))
    fail(Fault::data, "{}: holds several sets of images, {} and {}; name the images file instead of the folder",
         folder.string(), names.front(), names.back());
  return folder / names.front();
}

}  // namespace

bool is_idx_name(const std::string& file_name) {
  const std::string stem = stem_of(file_name);
  return stem.find("images") != std::string::npos && (stem.ends_with("idx3-ubyte") || stem.ends_with("idx4-ubyte"));
}

std::string idx_labels_name(const std::string& images_name) {
  const std::string stem = stem_of(images_name);
  std::string name = replaced(stem, "images", "labels");
  name = replaced(replaced(name, "idx3", "idx1"), "idx4", "idx1");
  return name == stem ? "" : name;
}

bool has_idx_files(const fs::path& folder) {
  const auto entries = entries_of(folder, Fault::data);
  return std::any_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return is_idx_name(entry.path().filename().string()); });
}

Source open_idx(const fs::path& path, const SourceOptions& options) {
  const auto kind = look_at(path, Fault::data);
  if (kind == PathKind::missing) fail(Fault::data, "{}: no such file or folder; expected IDX files", path.string());
  const bool folder = kind == PathKind::folder;
  const auto train_file = folder ? find_images(path, {"train"}) : path;
  if (!train_file)
    fail(Fault::data, "{}: no training images in IDX format; expected train-images-idx3-ubyte or the same with .gz",
         path.string());
  Array train = read_part(*train_file, path.string());
  fit_array(train, options);
  const auto test_file = folder ? find_images(path, {"t10k", "test"}) : std::nullopt;
  if (!test_file) return {array_dataset(std::move(train)), nullptr};
  Array test = read_part(*test_file, path.string());
  fit_array(test, options);
  return join_parts(std::move(train), std::move(test));
}

void write_idx(const fs::path& folder, const IdxPart& part) {
  const auto stride = static_cast<size_t>(part.shape.numel());
  if (stride == 0 || part.images.empty() || part.images.size() % stride != 0 ||
      (!part.labels.empty() && part.labels.size() * stride != part.images.size()))
    fail(Fault::internal, "write_idx: {} bytes and {} labels do not make pictures of {}", part.images.size(),
         part.labels.size(), to_string(part.shape));
  const auto count = static_cast<int64_t>(part.images.size() / stride);
  const auto write = [&](const std::string& kind, const std::vector<int64_t>& dimensions,
                         std::span<const uint8_t> payload) {
    std::vector<std::byte> header{std::byte{0}, std::byte{0}, std::byte{kUnsignedByte},
                                  static_cast<std::byte>(dimensions.size())};
    for (const int64_t dimension : dimensions)
      for (int shift = 24; shift >= 0; shift -= 8) header.push_back(static_cast<std::byte>(dimension >> shift & 0xff));
    const fs::path file = folder / fmt::format("{}-{}-idx{}-ubyte", part.name, kind, dimensions.size());
    write_atomic(file, {std::span<const std::byte>(header), std::as_bytes(payload)});
  };
  make_folder(folder);
  if (part.shape.channels == 1)
    write("images", {count, part.shape.height, part.shape.width}, part.images);
  else
    write("images", {count, part.shape.channels, part.shape.height, part.shape.width}, part.images);
  if (!part.labels.empty()) write("labels", {count}, part.labels);
}

}  // namespace duet
