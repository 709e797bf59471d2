#include "duet/train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <sstream>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSuffix = ".safetensors";

/// An empty folder, or what a process that was killed while making a run has left.
bool is_unused(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return false;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const auto name = entry.path().filename();
    const bool ours = name == "run.json" || name == ".lock" || entry.path().extension() == ".tmp" ||
                      ((name == "checkpoints" || name == "samples") && fs::is_empty(entry.path(), error));
    if (!ours) return false;
  }
  return true;
}

/// Throws what json throws, and Error(checkpoint) where it does not fit the data.
ColumnScale scale_of(const nlohmann::json& json, const Shape& shape, const fs::path& file) {
  ColumnScale scale{json.at("mean"), json.at("deviation")};
  const auto columns = static_cast<size_t>(shape.numel());
  if (scale.mean.size() != columns || scale.deviation.size() != columns)
    fail(Fault::checkpoint, "{}: damaged: a scale of {} columns for data of {}; restore it from a backup",
         file.string(), scale.mean.size(), columns);
  return scale;
}

std::string numbered(int64_t images) { return fmt::format("{:09}", images); }

}  // namespace

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

RunFolder RunFolder::create(const fs::path& path, const Recipe& recipe, const DataFacts& facts,
                            const Catalogues& catalogues) {
  std::error_code error;
  if (fs::exists(path / "recipe.toml", error))
    fail(Fault::usage, "{}: already holds a run; go on with `duet train {} --resume`, or give another --out",
         path.string(), path.string());
  if (fs::exists(path, error) && !is_unused(path))
    fail(Fault::usage, "{}: exists and is no empty folder; give another --out", path.string());
  make_folder(path / "checkpoints");
  make_folder(path / "samples");
  nlohmann::ordered_json run;
  run["duet"] = "0.1";
  run["data"] = {{"shape", {facts.shape.channels, facts.shape.height, facts.shape.width}},
                 {"pictures", facts.pictures},
                 {"classes", facts.classes},
                 {"class_share", facts.class_share}};
  if (!facts.columns.empty()) run["data"]["columns"] = facts.columns;
  if (!facts.scale.empty()) run["data"]["scale"] = {{"mean", facts.scale.mean}, {"deviation", facts.scale.deviation}};
  write_atomic(path / "run.json", run.dump(2) + "\n");
  // The recipe comes last: a folder with one is a run.
  write_atomic(path / "recipe.toml", to_toml(recipe, catalogues, /*comments=*/true));
  return RunFolder(path);
}

void RunFolder::discard() {
  std::error_code error;
  // The recipe goes first: a folder without one is no run.
  for (const char* name : {"recipe.toml", "run.json", "events.jsonl", "curves.png", "samples", "checkpoints", ".lock"})
    fs::remove_all(path_ / name, error);
  fs::remove(path_, error);  // unless something else lies there
}

RunFolder RunFolder::open(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error))
    fail(Fault::usage, "{}: no such folder; expected a run made by `duet train`{}", path.string(),
         fs::exists("runs" / path / "recipe.toml", error) ? fmt::format(", such as runs/{}", path.string()) : "");
  for (const char* file : {"recipe.toml", "run.json"})
    if (!fs::exists(path / file, error))
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
  for (const char* part : {"checkpoints", "samples"}) make_folder(path_ / part);  // a user may have removed them
}

fs::path RunFolder::sample_path(int64_t images) const { return path_ / "samples" / (numbered(images) + ".png"); }

Recipe RunFolder::recipe(const Catalogues& catalogues, const std::vector<std::string>& overrides) const {
  return parse_recipe(read_text(path_ / "recipe.toml", Fault::checkpoint), (path_ / "recipe.toml").string(), overrides,
                      catalogues);
}

DataFacts RunFolder::facts() const {
  const auto file = path_ / "run.json";
  try {
    const auto data = nlohmann::json::parse(read_text(file, Fault::checkpoint)).at("data");
    const auto& shape = data.at("shape");
    DataFacts facts{.shape = {shape.at(0), shape.at(1), shape.at(2)},
                    .pictures = data.at("pictures"),
                    .classes = data.at("classes"),
                    .class_share = data.at("class_share")};
    // Runs of earlier versions have neither.
    if (data.contains("columns")) facts.columns = data.at("columns");
    if (data.contains("scale")) facts.scale = scale_of(data.at("scale"), facts.shape, file);
    return facts;
  } catch (const nlohmann::json::exception& error) {
    fail(Fault::checkpoint, "{}: damaged: {}", file.string(), error.what());
  }
}

std::vector<fs::path> RunFolder::checkpoints() const {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ / "checkpoints", error))
    if (entry.path().extension() == kSuffix && entry.path() != best_path()) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
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
        for (const auto& text : damaged) note(text + "; passed over");
      return file;
    } catch (const Error& reason) {
      damaged.emplace_back(reason.what());
    }
    all.pop_back();
  }
  if (damaged.empty()) return {};
  fail(Fault::checkpoint,
       "{}: none of its {} checkpoint{} is whole, so nothing can go on from it. The newest: {}. "
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
  fail(Fault::checkpoint, "{}: has no checkpoint '{}'; expected best, last, or a file; of this run there {}",
       path_.string(), name,
       names.empty()       ? std::string("is none yet")
       : names.size() == 1 ? "is " + names.front()
                           : fmt::format("are {}", fmt::join(names, ", ")));
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
      // The newest is the next best; where none is whole, that is what there is to tell.
      auto file = newest({});
      if (note) note(fmt::format("{}; the newest whole one is used", reason.what()));
      return std::move(*file);
    }
  if (auto file = newest(note)) return std::move(*file);
  fail(Fault::checkpoint, "{}: has no checkpoint yet; train on with `duet train {} --resume`", path_.string(),
       path_.string());
}

void RunFolder::append(const nlohmann::ordered_json& event) const {
  const auto file = path_ / "events.jsonl";
  const auto line = event.dump() + "\n";
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) fail(Fault::device, "{}: cannot open: {}", file.string(), std::strerror(errno));
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written && ::ftruncate(fd, size) != 0) {
    // Half a line stays at the end; events() passes it over.
  }
  ::close(fd);
  if (!written) fail(Fault::device, "{}: cannot write: the disk is full; free some space", file.string());
}

std::vector<nlohmann::ordered_json> RunFolder::events() const {
  std::vector<nlohmann::ordered_json> all;
  std::error_code error;
  if (!fs::exists(path_ / "events.jsonl", error)) return all;
  std::istringstream lines(read_text(path_ / "events.jsonl", Fault::checkpoint));
  for (std::string line; std::getline(lines, line);) {
    auto event = nlohmann::ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (event.is_object()) all.push_back(std::move(event));  // a killed writer may leave half a line at the end
  }
  return all;
}

void RunFolder::forget_events_after(int64_t images) const {
  std::string kept;
  for (const auto& event : events())
    if (event.value("images", int64_t{0}) <= images) kept += event.dump() + "\n";
  write_atomic(path_ / "events.jsonl", kept);
}

}  // namespace duet
