#include "duet/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/paths.h"
#include "duet/core/shell.h"
#include "duet/core/temporary.h"
#include "duet/data/dataset.h"
#include "duet/run/run_files.h"
#include "duet/version.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSuffix = ".safetensors";

}  // namespace

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      created_folders_(std::move(other.created_folders_)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

RunFolder RunFolder::create(const fs::path& path, const std::string& recipe, const nlohmann::ordered_json& data) {
  refuse_tilde("--out", path.string());
  std::error_code error;
  if (fs::exists(path / "recipe.toml", error))
    fail(Fault::usage, "{}: already contains a run; resume it with `duet train {} --resume`, or give another --out",
         path.string(), shell_quoted(path.string()));
  if (!kind_of(path).empty() && !is_unused(path))
    fail(Fault::usage, "{}: exists and is not an empty folder; give another --out", path.string());
  RunFolder run(path);
  try {
    run.fill(recipe, data);
  } catch (...) {
    run.discard();
    throw;
  }
  return run;
}

void RunFolder::create_folder(const fs::path& folder) {
  const bool is_new = kind_of(folder).empty();
  make_folder(folder);
  if (is_new) created_folders_.push_back(folder);
}

void RunFolder::fill(const std::string& recipe, const nlohmann::ordered_json& data) {
  for (const auto& folder : {path_, path_ / "checkpoints", path_ / "samples"}) create_folder(folder);
  write_data(data);
  // The recipe is written last: a folder with a recipe is a run.
  write_atomic(recipe_path(), recipe);
}

void RunFolder::write_data(const nlohmann::ordered_json& data) const {
  const nlohmann::ordered_json run = {{"duet", kVersion}, {"data", data}};
  write_atomic(json_path(), run.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void RunFolder::discard() {
  std::error_code error;
  // The recipe is removed first: a folder without one is not a run.
  for (const char* name : {"recipe.toml", "run.json", "events.jsonl", "curves.png", "samples.gif"})
    fs::remove(path_ / name, error);
  remove_own(path_ / "samples", [](const fs::path& file) { return images_in(file, ".png").has_value(); });
  remove_own(path_ / "checkpoints",
             [this](const fs::path& file) { return images_in(file, kSuffix).has_value() || file == best_path(); });
  fs::remove(path_ / ".lock", error);
  while (!created_folders_.empty()) {
    fs::remove(created_folders_.back(), error);  // fails if it has other files
    created_folders_.pop_back();
  }
}

RunFolder RunFolder::open(const fs::path& path) {
  std::error_code error;
  if (!is_folder(path, Fault::usage)) {
    check_working_folder(path, Fault::usage);
    fail(Fault::usage, "{}: no such {}; expected a run made by `duet train`{}{}", path.string(),
         path.extension() == kSuffix ? "file or folder" : "folder",
         fs::exists("runs" / path / "recipe.toml", error) ? ", such as " + shell_quoted(("runs" / path).string()) : "",
         unexpanded(path.string()));
  }
  for (const char* file : {"recipe.toml", "run.json"})
    if (look_at(path / file, Fault::checkpoint) == PathKind::missing)
      fail(Fault::checkpoint, "{}: has no {}; expected a run folder made by `duet train`", path.string(), file);
  return RunFolder(path);
}

void RunFolder::lock() {
  const auto file = path_ / ".lock";
  lock_ = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock_ < 0) fail(Fault::device, "{}: cannot write: {}", path_.string(), std::strerror(errno));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    fail(Fault::usage, "{}: another process is training this run; stop it first, or train into another --out",
         path_.string());
  for (const char* part : {"checkpoints", "samples"}) make_folder(path_ / part);  // a user may have deleted them
  for (const auto& folder : {path_, path_ / "checkpoints", path_ / "samples"}) remove_leftovers(folder);
}

fs::path RunFolder::sample_path(int64_t images) const { return path_ / "samples" / (numbered(images) + ".png"); }

std::vector<std::pair<int64_t, fs::path>> RunFolder::sheets(int64_t images) const {
  std::vector<std::pair<int64_t, fs::path>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ / "samples", error)) {
    const auto name = entry.path().stem().string();
    int64_t at = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), at);
    // Other files may exist here too.
    if (fault == std::errc() && end == name.data() + name.size() && at <= images && entry.path() == sample_path(at))
      found.emplace_back(at, entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

nlohmann::json RunFolder::data() const {
  const auto file = json_path();
  nlohmann::json run;
  try {
    run = nlohmann::json::parse(read_text(file, Fault::checkpoint));
  } catch (const nlohmann::json::exception& error) {
    fail(Fault::checkpoint, "{}: damaged: {}; restore the file, for instance from a copy of the run", file.string(),
         without_tag(error.what()));
  }
  if (!run.is_object() || !run.contains("data"))
    fail(Fault::checkpoint, "{}: damaged: has no \"data\"; restore the file, for instance from a copy of the run",
         file.string());
  if (run.contains("duet") && !run.at("duet").is_string())
    fail(Fault::checkpoint,
         "{}: duet: damaged: is {}; expected a version; restore the file, for instance from a copy of the run",
         file.string(), run.at("duet").type_name());
  return run.at("data");
}

std::string RunFolder::data_place(const std::string& spec, const std::string& stream) const {
  const auto run = object_in(json_path());
  const auto found = run.find("data");
  const auto* data = found == run.end() || !found->is_object() ? nullptr : &*found;
  if (data && !stream.empty()) {
    const auto streams = data->find("streams");
    const bool has = streams != data->end() && streams->is_object() && streams->contains(stream);
    data = has && streams->at(stream).is_object() ? &streams->at(stream) : nullptr;
  }
  if (!data) return spec;
  const auto then = data->find("spec"), place = data->find("place");
  const bool known = then != data->end() && *then == spec && place != data->end() && place->is_string();
  return known ? place->get<std::string>() : spec;
}

std::string RunFolder::data_spec(const std::string& spec, const std::string& stream) const {
  auto place = data_place(spec, stream);
  return data_exist(place) ? place : spec;
}

std::vector<fs::path> RunFolder::checkpoints() const {
  std::map<int64_t, fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ / "checkpoints", error))
    if (const auto images = images_in(entry.path(), kSuffix)) found[*images] = entry.path();
  std::vector<fs::path> all;
  for (const auto& [images, path] : found) all.push_back(path);
  return all;
}

void RunFolder::save_checkpoint(const TensorFile& file, int64_t images, int64_t keep) const {
  write_tensors(path_ / "checkpoints" / (numbered(images) + kSuffix), file);
  auto all = checkpoints();
  std::error_code error;
  for (size_t i = 0; i + static_cast<size_t>(keep) < all.size(); ++i) fs::remove(all[i], error);
}

void RunFolder::save_best(const TensorFile& file) const { write_tensors(best_path(), file); }

std::optional<TensorFile> RunFolder::newest(const std::function<void(const std::string&)>& note) const {
  auto all = checkpoints();
  std::error_code error;
  if (fs::exists(best_path(), error)) all.insert(all.begin(), best_path());
  std::vector<std::string> damaged;
  while (!all.empty()) {
    try {
      auto file = read_tensors(all.back());
      if (note)
        for (const auto& text : damaged) note(text + "; skipped");
      return file;
    } catch (const Error& reason) {
      damaged.emplace_back(reason.what());
    }
    all.pop_back();
  }
  if (damaged.empty()) return {};
  fail(Fault::checkpoint,
       "{}: none of its {} checkpoint{} is undamaged, so the run cannot continue. The newest: {}. "
       "Restore one from a backup, or remove the folder {} to train from the beginning",
       path_.string(), damaged.size(), damaged.size() == 1 ? "" : "s", damaged.front(),
       (path_ / "checkpoints").string());
}

fs::path RunFolder::checkpoint_file(const std::string& name) const {
  std::error_code error;
  for (const auto& file : {fs::path(name), path_ / "checkpoints" / name, path_ / "checkpoints" / (name + kSuffix)})
    if (fs::is_regular_file(file, error)) return file;
  std::vector<std::string> names;
  for (const auto& file : checkpoints()) names.push_back(file.stem());
  fail(Fault::checkpoint, "{}: has no checkpoint '{}'; expected best, last, or a file; this run has {}", path_.string(),
       name, names.empty() ? std::string("none yet") : fmt::format("{}", fmt::join(names, ", ")));
}

TensorFile RunFolder::checkpoint(const std::string& which, const std::function<void(const std::string&)>& note) const {
  std::error_code error;
  const bool named = which != "best" && which != "last";
  if (const auto file = named ? checkpoint_file(which) : fs::path(); named) try {
      return read_tensors(file);
    } catch (const Error& reason) {
      fail(reason.fault(), "{}; take another, such as --checkpoint last", reason.what());
    }
  if (which == "best" && fs::exists(best_path(), error)) try {
      return read_tensors(best_path());
    } catch (const Error& reason) {
      // After the best the newest; if all are damaged, report that.
      auto file = newest({});
      if (note) note(fmt::format("{}; the newest undamaged one is used", reason.what()));
      return std::move(*file);
    }
  if (auto file = newest(note)) return std::move(*file);
  fail(Fault::checkpoint, "{}: has no checkpoint yet; train with `duet train {} --resume`", path_.string(),
       shell_quoted(path_.string()));
}

void RunFolder::append(const nlohmann::ordered_json& event) const {
  const auto file = path_ / "events.jsonl";
  const auto line = event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) fail_write(file, "open", errno);
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const ssize_t count = ::write(fd, line.data(), line.size());
  const bool written = count == static_cast<ssize_t>(line.size());
  // If the disk fills up, part of a line may have been written.
  const int error = count < 0 ? errno : ENOSPC;
  if (!written && ::ftruncate(fd, size) != 0) {
    // It stays at the end; events() skips it.
  }
  ::close(fd);
  if (!written) fail_write(file, "write", error);
}

std::vector<nlohmann::ordered_json> RunFolder::events() const {
  std::vector<nlohmann::ordered_json> all;
  std::error_code error;
  if (!fs::exists(path_ / "events.jsonl", error)) return all;
  std::istringstream lines(read_text(path_ / "events.jsonl", Fault::checkpoint));
  for (std::string line; std::getline(lines, line);) {
    auto event = nlohmann::ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (is_record(event)) all.push_back(std::move(event));  // a killed process may leave a partial line at the end
  }
  return all;
}

void RunFolder::remove_events_after(int64_t images) const {
  remove_events([&](const auto& event) { return event.value("images", int64_t{0}) > images; });
}

void RunFolder::remove_score_at(int64_t images) const {
  remove_events([&](const auto& event) {
    const auto& kind = event.at("event");
    return event.value("images", int64_t{0}) == images && (kind == "score" || kind == "best");
  });
}

void RunFolder::remove_events(const std::function<bool(const nlohmann::ordered_json&)>& which) const {
  std::string kept;
  for (const auto& event : events())
    if (!which(event)) kept += event.dump() + "\n";  // parsed, hence UTF-8
  write_atomic(path_ / "events.jsonl", kept);
}

}  // namespace duet
