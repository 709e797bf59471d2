#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/data/archive.h"
#include "duet/data/builtin.h"
#include "duet/data/cifar.h"
#include "duet/data/dataset.h"
#include "duet/data/fetch.h"
#include "duet/data/folder.h"
#include "duet/data/idx.h"
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
  const std::string name = path.filename().string();
  if (is_idx_name(name)) return "idx";
  if (ends_with_any(name, {".npy", ".npz"})) return "npy";
  if (ends_with_any(name, {".csv"})) return "csv";
  if (ends_with_any(name, {".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"})) return "tar";
  return {};
}

Source open_format(const std::string& format, const std::string& path, const SourceOptions& options) {
  if (format == "builtin") {
    if (!is_builtin(path)) fail(Fault::data, "builtin:{}: no such built-in data set; {}", path, advice(path));
    return open_builtin(path, options);
  }
  if (!fs::exists(path)) fail_missing(path);
  if (format == "idx") return open_idx(path, options);
  if (format == "cifar") return open_cifar(path, options);
  if (format == "folder") return open_folder_source(path, options);
  if (format == "tar") return open_archive(path, options);
  return open_matrix(path, options);
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
       ".npz, .csv, .tar, .tar.gz, or a folder; name the format as in idx:{}, or give the folder it lies in",
       spec, spec);
}

}  // namespace duet
