#include "duet/data/open.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include "duet/core/error.h"
#include "duet/core/lower.h"
#include "duet/core/nearest.h"
#include "duet/core/paths.h"
#include "duet/core/shell.h"
#include "duet/data/builtin.h"
#include "duet/data/dataset.h"
#include "duet/data/domain.h"
#include "duet/data/fetch.h"
#include "duet/data/formats/archive.h"
#include "duet/data/formats/cifar.h"
#include "duet/data/formats/class_folders.h"
#include "duet/data/formats/folder.h"
#include "duet/data/formats/idx.h"
#include "duet/data/formats/matrix.h"
#include "duet/data/formats/sniff.h"
#include "duet/data/stacked.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFormats = "builtin, idx, cifar, folder, tar, zip, npy, csv or stacked";
constexpr const char* kKnownNames = "IDX (*-images-idx3-ubyte), .npy, .npz, .csv, .tar, .tar.gz, .zip, or a folder";

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

/// Advice for a name that is neither a path nor a built-in set.
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
  check_working_folder(name, Fault::data);
  std::error_code error;
  // The end of a longer path may be missing: its last name may be a known set.
  fail(Fault::data, "{}: neither a built-in data set nor a file or folder (looked in {}); {}{}", name,
       fs::absolute(name, error).parent_path().string(), advice(fs::path(name).filename().string()), unexpanded(name));
}

bool ends_with_any(const std::string& name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const std::string& end) { return name.ends_with(end); });
}

/// The format of an existing file or folder, by names.
std::optional<std::string> detect(const fs::path& path) {
  if (is_folder(path, Fault::data)) {
    if (has_idx_files(path)) return "idx";
    if (is_file(path / "x.npy", Fault::data)) return "npy";
    return has_cifar_files(path) ? "cifar" : "folder";
  }
  if (is_idx_name(path.filename().string())) return "idx";
  const auto name = lower(path.filename().string());
  if (ends_with_any(name, {".npy", ".npz"})) return "npy";
  if (ends_with_any(name, {".csv", ".tsv", ".csv.gz", ".tsv.gz"})) return "csv";
  if (ends_with_any(name, {".zip"})) return "zip";
  if (ends_with_any(name,
                    {".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"}))
    return "tar";
  return {};
}

/// Paths that cannot be accessed give no hint.
std::optional<std::string> detect_quietly(const fs::path& path) try { return detect(path); } catch (const Error&) {
  return {};
}

/// Archives and arrays are recognised by content, whatever their name: a .zip may contain arrays, and a download may
/// have lost its extension.
std::optional<std::string> detect_by_content(const Content& content) {
  if (content.format == "tar" || content.format == "zip") return content.format;
  if (content.compression.empty() && (content.format == "npy" || content.format == "npz")) return "npy";
  return {};
}

/// CIFAR's version for Python consists of pickles, and reading a pickle can run any program that it contains.
void refuse_pickles(const fs::path& path) {
  for (const char* name : {"data_batch_1", "batches.meta"})
    if (is_file(path / name, Fault::data))
      fail(Fault::data,
           "{}: is CIFAR's version for Python, whose pickles can hold programs, so duet does not read them; expected "
           "the "
           "binary version: duet data fetch cifar10",
           path.string());
}

/// Pictures; a folder without any may be too high up.
Source open_pictures(const fs::path& path, const SourceOptions& options) {
  refuse_pickles(path);
  const auto found = find_files(path);
  if (!found->images.empty()) return open_found(path, found, options);
  if (const auto format = detect(path); format && *format != "folder")
    fail(Fault::data,
         "{}: contains no pictures but is a data set in another format; give {} ({}), without folder:", path.string(),
         shell_quoted(path.string()), *format);
  if (const auto inside = data_inside(path); !inside.empty())
    fail(Fault::data, "{}: holds neither pictures nor the files of one data set, but there are data inside; give {}",
         path.string(), describe_known(inside));
  return open_found(path, found, options);
}

/// The kind of file at a path; kinds that cannot be data are refused.
PathKind look_at_data(const std::string& path) {
  const auto kind = look_at(path, Fault::data);
  if (kind == PathKind::missing) fail_missing(path);
  if (kind == PathKind::other)
    fail(Fault::data, "{}: is a device, a pipe or a socket; expected a file or folder; save the data in a file", path);
  return kind;
}

Source open_format(const std::string& format, const std::string& path, const SourceOptions& options) {
  if (format == "idx") return open_idx(path, options);
  if (format == "cifar") return open_cifar(path, options);
  if (format == "folder") return open_pictures(path, options);
  if (format == "tar" || format == "zip") return open_archive(path, options);
  return open_matrix(path, options);
}

/// Three examples of a grey set as the channels of one.
Source open_stacked(const std::string& spec, SourceOptions options) {
  if (options.channels == 1) fail(Fault::recipe, "data.channels: is 1, and stacked:{} has three; leave it out", spec);
  options.channels = 0;
  options.part = "all";  // of the stacked set, as are its rotations
  options.rotate = 0;
  return stacked_source(open_source(spec, options), options.seed);
}

/// A named format: the content may be of another kind.
Source open_stated(const std::string& format, const std::string& path, const SourceOptions& options) {
  if (format == "stacked") return open_stacked(path, options);
  if (format == "builtin") {
    if (!is_builtin(path)) fail(Fault::data, "builtin:{}: no such built-in data set; {}", path, advice(path));
    return open_builtin(path, options);
  }
  if (look_at_data(path) == PathKind::folder || format == "tar" || format == "zip")
    return open_format(format, path, options);
  const Content content = content_of(path);
  if (content.format == "tar" || content.format == "zip")
    fail(Fault::data, "{}: is not {} data but a {} archive; expected one format; leave out {}:", path, format,
         content.format, format);
  if (const auto packed = advice_on_packing(path, content); !packed.empty() && content.format != "idx")
    fail(Fault::data, "{}: cannot be read as {}; {}", path, format, packed);
  return open_format(format, path, options);
}

/// Advice for a file whose name says no format: its content may.
std::string advice_on_file(const fs::path& path, const Content& content) {
  const auto named = [&] {
    return fmt::format("it begins like {}: name the format as in {}", content.format,
                       shell_quoted(content.format + (":" + path.string())));
  };
  if (const auto packed = advice_on_packing(path, content); !packed.empty()) return packed;
  if (content.format == "idx") return named();
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (const auto format = detect_quietly(folder); format && *format != "folder")
    return fmt::format("the folder it lies in holds data: give {} ({})", shell_quoted(folder.string()), *format);
  if (content.format == "picture") return "it is one picture: give the folder it lies in";
  if (content.format == "csv") return named();
  return "its content is not data either; check the path";
}

/// The format of "format:path", if the spec begins with a known one.
std::optional<std::string> stated_format(const std::string& spec) {
  const std::string word = spec.substr(0, spec.find(':'));
  if (word.size() == spec.size()) return {};
  const std::vector<std::string> known{"builtin", "idx", "cifar", "folder", "tar", "zip", "npy", "csv", "stacked"};
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  if (look_at(spec, Fault::data) != PathKind::missing) return {};
  const std::string nearest = nearest_name(word, known);
  fail(Fault::data, "{}: '{}' is not a data format; expected {}, or a path{}", spec, word, kFormats,
       nearest.empty() ? "" : fmt::format("; did you mean {}:?", nearest));
}

/// A SPEC's examples as they are stored.
Source open_stored(const std::string& spec, const SourceOptions& options) {
  if (is_builtin(spec)) return open_builtin(spec, options);
  if (const auto format = stated_format(spec)) return open_stated(*format, spec.substr(format->size() + 1), options);
  const auto kind = look_at_data(spec);
  const auto format = detect(spec);
  if (kind == PathKind::folder || (format && *format != "tar" && *format != "zip"))
    return open_format(*format, spec, options);
  const Content content = content_of(spec);
  if (const auto found = detect_by_content(content)) return open_format(*found, spec, options);
  if (format) return open_format(*format, spec, options);
  fail(Fault::data, "{}: the format of this file is not clear from its name; expected {}; {}", spec, kKnownNames,
       advice_on_file(spec, content));
}

}  // namespace

Source open_source(const std::string& spec, const SourceOptions& options) {
  return domain_of(open_stored(spec, options), {.part = options.part, .rotate = options.rotate});
}

std::string absolute_spec(const std::string& spec) {
  if (is_builtin(spec) || spec.empty()) return spec;
  const auto format = stated_format(spec);
  if (format == "builtin") return spec;
  if (format == "stacked") return "stacked:" + absolute_spec(spec.substr(format->size() + 1));
  const auto begin = format ? *format + ":" : std::string();
  std::error_code error;
  const auto path = fs::absolute(spec.substr(begin.size()), error);
  return error ? spec : begin + path.lexically_normal().string();
}

bool data_exist(const std::string& spec) {
  std::error_code error;
  if (is_builtin(spec) || fs::exists(spec, error)) return true;
  const auto format = stated_format(spec);
  if (format == "stacked") return data_exist(spec.substr(format->size() + 1));
  return format && (format == "builtin" || fs::exists(spec.substr(format->size() + 1), error));
}

namespace {

void collect_known(const fs::path& folder, int depth, std::vector<KnownData>& known) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    const fs::path& path = at->path();
    if (is_hidden_name(path.filename().string())) continue;
    std::error_code ignored;
    const auto format = detect_quietly(path);
    if (format && *format != "folder")
      known.push_back({path.string(), *format});
    else if (depth > 1 && at->is_directory(ignored))
      collect_known(path, depth - 1, known);
  }
}

}  // namespace

std::string hidden_path(const std::string& spec) {
  std::error_code error;
  return is_builtin(spec) && fs::exists(spec, error) ? "./" + spec : "";
}

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
                        shell_quoted(known[i].path), known[i].format);
  return known.size() > kSome ? fmt::format("{} or one of {} more", text, known.size() - kSome) : text;
}

}  // namespace duet
