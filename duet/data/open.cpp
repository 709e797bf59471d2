#include "duet/data/open.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>

#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/data/archive.h"
#include "duet/data/builtin.h"
#include "duet/data/cifar.h"
#include "duet/data/class_folders.h"
#include "duet/data/dataset.h"
#include "duet/data/fetch.h"
#include "duet/data/folder.h"
#include "duet/data/idx.h"
#include "duet/data/image.h"
#include "duet/data/matrix.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFormats = "builtin, idx, cifar, folder, tar, npy or csv";

bool is_builtin(const std::string& name) {
  const auto& sets = builtin_sets();
  return std::any_of(sets.begin(), sets.end(), [&](const auto& set) { return set.name == name; });
}

/// The name in lower case without - and _, to know "Fashion_MNIST" for fashion-mnist.
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char letter : name)
    if (letter != '-' && letter != '_') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return plain;
}

/// What to do about a name that is neither a path nor a built-in set.
std::string advice(const std::string& name) {
  std::vector<std::string> builtin, fetched;
  for (const auto& set : builtin_sets()) builtin.push_back(set.name);
  for (const auto& set : fetch_sets()) {
    fetched.push_back(set.name);
    if (plain_name(set.name) == plain_name(name))
      return fmt::format("get it with `duet data fetch {}` and pass the path of its folder", set.name);
  }
  if (const std::string nearest = nearest_name(name, builtin); !nearest.empty())
    return fmt::format("did you mean the built-in {}?", nearest);
  if (const std::string nearest = nearest_name(name, fetched); !nearest.empty())
    return fmt::format("did you mean {0}? get it with `duet data fetch {0}`", nearest);
  return fmt::format("built-in sets are {}", fmt::join(builtin, ", "));
}

[[noreturn]] void fail_missing(const std::string& name) {
  if (name.empty()) fail(Fault::data, "data: an empty name; expected a path; {}", advice(name));
  // A folder may be missing at the end of a longer path: the last name is what may be a known one.
  fail(Fault::data, "{}: neither a built-in data set nor a file or folder (looked in {}); {}", name,
       fs::absolute(name).parent_path().string(), advice(fs::path(name).filename().string()));
}

bool ends_with_any(const std::string& name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const std::string& end) { return name.ends_with(end); });
}

/// The format of a file or folder that exists, by names.
std::optional<std::string> detect(const fs::path& path) {
  if (fs::is_directory(path)) {
    if (has_idx_files(path)) return "idx";
    if (fs::exists(path / "x.npy")) return "npy";
    return has_cifar_files(path) ? "cifar" : "folder";
  }
  std::string name = path.filename().string();
  if (is_idx_name(name)) return "idx";
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) { return std::tolower(letter); });
  if (ends_with_any(name, {".npy", ".npz"})) return "npy";
  if (ends_with_any(name, {".csv", ".tsv", ".csv.gz", ".tsv.gz"})) return "csv";
  if (ends_with_any(name, {".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"})) return "tar";
  return {};
}

bool holds_pictures(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error))
    if (has_image_extension(entry.path().filename().string())) return true;
  return false;
}

/// Pictures; a folder without any may be too high.
Source open_pictures(const fs::path& path, const SourceOptions& options) {
  std::error_code error;
  const bool empty = fs::is_directory(path, error) && !holds_pictures(path);
  if (const auto format = empty ? detect(path) : std::nullopt; format && *format != "folder")
    fail(Fault::data,
         "{0}: holds no pictures, but is itself a data set in another format; give {0} ({1}), without "
         "folder: before it",
         path.string(), *format);
  if (empty)
    if (const auto inside = data_inside(path); !inside.empty())
      fail(Fault::data, "{}: holds neither pictures nor the files of one data set, but data lie inside; give {}",
           path.string(), describe_known(inside));
  return open_folder_source(path, options);
}

Source open_format(const std::string& format, const std::string& path, const SourceOptions& options) {
  if (format == "builtin") {
    if (!is_builtin(path)) fail(Fault::data, "builtin:{}: no such built-in data set; {}", path, advice(path));
    return open_builtin(path, options);
  }
  if (!fs::exists(path)) fail_missing(path);
  if (format == "idx") return open_idx(path, options);
  if (format == "cifar") return open_cifar(path, options);
  if (format == "folder") return open_pictures(path, options);
  if (format == "tar") return open_archive(path, options);
  return open_matrix(path, options);
}

/// The first bytes of a file, at most 4096; none when it cannot be read.
std::string beginning_of(const fs::path& path) {
  std::string bytes(4096, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

/// True when one of the first two lines is of numbers and separators only (the other may be a header).
bool looks_like_table(const std::string& bytes) {
  size_t start = 0;
  for (int line = 0; line < 2 && start < bytes.size(); ++line) {
    const size_t end = std::min(bytes.find('\n', start), bytes.size());
    const std::string text = bytes.substr(start, end - start);
    if (text.find_first_of("0123456789") != std::string::npos &&
        text.find_first_not_of("0123456789+-.eE,;\t \r") == std::string::npos)
      return true;
    start = end + 1;
  }
  return false;
}

/// What to do about a file whose name says no format: its content may.
std::string advice_on_file(const fs::path& path) {
  const std::string bytes = beginning_of(path), name = path.string();
  const auto named = [&](const char* format) {
    return fmt::format("it begins like {0}: name the format as in {0}:{1}", format, name);
  };
  if (bytes.starts_with(std::string("\0\0\x08\x03", 4)) || bytes.starts_with(std::string("\0\0\x08\x04", 4)))
    return named("idx");
  if (bytes.starts_with("\x93NUMPY") || bytes.starts_with("PK\3\4")) return named("npy");
  if (bytes.size() > 262 && bytes.compare(257, 5, "ustar") == 0) return named("tar");
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (const auto format = detect(folder); format && *format != "folder")
    return fmt::format("the folder it lies in holds data: give {} ({})", folder.string(), *format);
  if (bytes.starts_with("\x1f\x8b"))
    return fmt::format("it is compressed by gzip: name the format as in tar:{0} or idx:{0}", name);
  if (looks_like_image(std::as_bytes(std::span(bytes)))) return "it is one picture: give the folder it lies in";
  if (looks_like_table(bytes)) return named("csv");
  return "its content is no data either; check the path";
}

/// "format" of "format:path", if the spec begins with a known one.
std::optional<std::string> stated_format(const std::string& spec) {
  const std::string word = spec.substr(0, spec.find(':'));
  if (word.size() == spec.size()) return {};
  const std::vector<std::string> known{"builtin", "idx", "cifar", "folder", "tar", "npy", "csv"};
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  if (fs::exists(spec)) return {};
  const std::string nearest = nearest_name(word, known);
  fail(Fault::data, "{}: '{}' is no data format; expected {}, or a path{}", spec, word, kFormats,
       nearest.empty() ? "" : fmt::format("; did you mean {}:?", nearest));
}

}  // namespace

Source open_source(const std::string& spec, const SourceOptions& options) {
  if (is_builtin(spec)) return open_builtin(spec, options);
  if (const auto format = stated_format(spec)) return open_format(*format, spec.substr(format->size() + 1), options);
  if (!fs::exists(spec)) fail_missing(spec);
  if (const auto format = detect(spec)) return open_format(*format, spec, options);
  fail(Fault::data,
       "{}: the format of this file cannot be told from its name; expected IDX (*-images-idx3-ubyte), .npy, "
       ".npz, .csv, .tar, .tar.gz, or a folder; {}",
       spec, advice_on_file(spec));
}

namespace {

void collect_known(const fs::path& folder, int depth, std::vector<KnownData>& known) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_hidden_name(entry.path().filename().string())) continue;
    const bool is_folder = entry.is_directory(error);
    // A folder that may not be listed is no hint.
    if (is_folder && fs::directory_iterator(entry.path(), error) == fs::directory_iterator()) continue;
    if (const auto format = detect(entry.path()); format && *format != "folder")
      known.push_back({entry.path().string(), *format});
    else if (is_folder && depth > 1)
      collect_known(entry.path(), depth - 1, known);
  }
}

}  // namespace

std::vector<KnownData> data_inside(const fs::path& folder) {
  std::vector<KnownData> known;
  collect_known(folder, 3, known);
  std::sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return known;
}

std::string describe_known(const std::vector<KnownData>& known) {
  constexpr size_t kSome = 3;
  std::string text;
  for (size_t i = 0; i < std::min(known.size(), kSome); ++i)
    text += fmt::format("{}{} ({})",
                        i == 0                  ? ""
                        : i + 1 == known.size() ? " or "
                                                : ", ",
                        known[i].path, known[i].format);
  return known.size() > kSome ? fmt::format("{} or one of {} more", text, known.size() - kSome) : text;
}

}  // namespace duet
