#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duet/run/safetensors.h"

namespace duet {

/// A run on disk. Files are its whole interface: it opens on another machine, without the data.
///   recipe.toml               the effective recipe
///   run.json                  what sampling must know of the data, and where they lie
///   events.jsonl              one record per line: ticks, scores, notes
///   samples/000012000.png     sheets by images seen, from the same z
///   samples.gif               those sheets one after another
///   curves.png                losses and scores over kimg
///   checkpoints/000012000.safetensors, best.safetensors
///
/// Threads and processes: any number may read; one at a time writes, which lock() makes sure of between processes.
class RunFolder {
 public:
  /// Makes a new run of a recipe's text, in TOML, and of what is known of the data (see write_data). Throws
  /// Error(usage) when `path` already holds something that duet has not put there, or a run, Error(device) when it
  /// cannot be written.
  static RunFolder create(const std::filesystem::path& path, const std::string& recipe,
                          const nlohmann::ordered_json& data);
  /// Opens an existing run. Throws Error(checkpoint) naming what is missing.
  static RunFolder open(const std::filesystem::path& path);
  RunFolder(RunFolder&&) noexcept;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path sample_path(int64_t images) const;
  /// The sheets up to `images`, by images seen.
  std::vector<std::pair<int64_t, std::filesystem::path>> sheets(int64_t images) const;
  std::filesystem::path film_path() const { return path_ / "samples.gif"; }
  std::filesystem::path curves_path() const { return path_ / "curves.png"; }
  std::filesystem::path best_path() const { return path_ / "checkpoints" / "best.safetensors"; }
  std::filesystem::path recipe_path() const { return path_ / "recipe.toml"; }
  std::filesystem::path json_path() const { return path_ / "run.json"; }
  /// What run.json knows of the data. Throws Error(checkpoint) naming what in it is damaged.
  nlohmann::json data() const;
  /// What `spec`, the recipe's data.spec or that of the further stream `stream`, meant where training began, whatever
  /// the working directory; `spec` as it is in runs that do not know.
  std::string data_place(const std::string& spec, const std::string& stream = {}) const;
  /// The same as long as something lies there, else `spec` as it is: a project that has moved as a whole.
  std::string data_spec(const std::string& spec, const std::string& stream = {}) const;
  /// Writes anew what is known of the data: an object, whose "spec" and "place" are the recipe's data.spec and what it
  /// means from everywhere; of the further streams "streams" holds such objects by their names.
  void write_data(const nlohmann::ordered_json& data) const;

  /// Takes a run that has not moved yet off the disk, so that its folder is free for the next try: what create() and
  /// training have put there, nothing else.
  void discard();

  /// Keeps other processes from training here, and clears away what killed ones have left half written. Throws
  /// Error(usage) when one trains.
  void lock();

  /// Checkpoints that duet has numbered, from oldest to newest; files of other names are never among them.
  std::vector<std::filesystem::path> checkpoints() const;
  /// Writes the checkpoint of `images` and deletes all but the newest `keep`.
  void save_checkpoint(const TensorFile& file, int64_t images, int64_t keep) const;
  /// Writes it as the best.
  void save_best(const TensorFile& file) const;
  /// The newest checkpoint that is whole, after those of the last ticks the best; `note` is told of every damaged one
  /// passed over. Empty when there is none yet. Throws Error(checkpoint) when all are damaged.
  std::optional<TensorFile> newest(const std::function<void(const std::string&)>& note) const;
  /// The one to sample from: "best" (the newest where none was scored), "last", the name of one of this run's
  /// ("000012000"), or a file; `note` is told of every damaged one passed over. Throws Error(checkpoint) that names
  /// what there is.
  TensorFile checkpoint(const std::string& which, const std::function<void(const std::string&)>& note = {}) const;

  /// Appends a record; it is on disk when this returns or lost as a whole.
  void append(const nlohmann::ordered_json& event) const;
  /// What can be read of them: a line that is half written or holds something else is passed over. Each has "event", a
  /// text; "images", where there, is a whole number of at least 0.
  std::vector<nlohmann::ordered_json> events() const;
  /// Drops the records after `images`: a resumed run writes them again.
  void forget_events_after(int64_t images) const;
  /// Drops what was recorded of a score at `images`, which is made once more.
  void forget_score_at(int64_t images) const;

 private:
  void forget_events(const std::function<bool(const nlohmann::ordered_json&)>& which) const;
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void make_part(const std::filesystem::path& folder);
  void fill(const std::string& recipe, const nlohmann::ordered_json& data);
  std::filesystem::path checkpoint_file(const std::string& name) const;
  std::filesystem::path path_;
  int lock_ = -1;
  std::vector<std::filesystem::path> made_;  ///< folders that create() has made
};

}  // namespace duet
