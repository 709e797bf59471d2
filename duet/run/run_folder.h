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

/// A run on disk. Its files are its whole interface: it can be opened on another machine, without the data.
///   recipe.toml               the effective recipe
///   run.json                  what sampling needs to know about the data, and where they are
///   events.jsonl              one record per line: ticks, scores, notes
///   samples/000012000.png     sheets by images seen, from the same z
///   samples.gif               those sheets as an animation
///   curves.png                losses and scores over kimg
///   checkpoints/000012000.safetensors, best.safetensors
///
/// Threads and processes: any number may read; one at a time may write, which lock() ensures between processes.
class RunFolder {
 public:
  /// Creates a run from a recipe's TOML text and the facts about its data (see write_data). Throws Error(usage) when
  /// `path` contains a run or files that duet did not create, Error(device) when it cannot be written.
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
  /// The facts about the data in run.json. Throws Error(checkpoint) naming what is damaged.
  nlohmann::json data() const;
  /// Absolute path of `spec`, the recipe's data.spec or that of the further stream `stream`, at the time training
  /// began; `spec` itself in runs that do not record it.
  std::string data_place(const std::string& spec, const std::string& stream = {}) const;
  /// The same if it still exists, else `spec` itself, for projects that were moved as a whole.
  std::string data_spec(const std::string& spec, const std::string& stream = {}) const;
  /// Replaces the facts about the data: an object whose "spec" is the recipe's data.spec and whose "place" is its
  /// absolute path; "streams" holds such objects of the further streams by their names.
  void write_data(const nlohmann::ordered_json& data) const;

  /// Deletes a run that has not trained a step: removes what create() and training wrote, nothing else.
  void discard();

  /// Prevents other processes from training here, and removes partial files of killed ones. Throws Error(usage) when
  /// another process trains here.
  void lock();

  /// Numbered checkpoints from oldest to newest; files with other names are not included.
  std::vector<std::filesystem::path> checkpoints() const;
  /// Writes the checkpoint at `images` and deletes all but the newest `keep`.
  void save_checkpoint(const TensorFile& file, int64_t images, int64_t keep) const;
  /// Writes best.safetensors.
  void save_best(const TensorFile& file) const;
  /// The newest undamaged checkpoint, or else the best one; `note` is called for every damaged one that is skipped.
  /// Empty if has none yet. Throws Error(checkpoint) when all are damaged.
  std::optional<TensorFile> newest(const std::function<void(const std::string&)>& note) const;
  /// The checkpoint to sample from: "best" (the newest if none was scored), "last", the name of one of this run's
  /// ("000012000"), or a file; `note` is called for every damaged one that is skipped. Throws Error(checkpoint) that
  /// names the existing ones.
  TensorFile checkpoint(const std::string& which, const std::function<void(const std::string&)>& note = {}) const;

  /// Appends a record. When this returns it is on disk completely or not at all.
  void append(const nlohmann::ordered_json& event) const;
  /// All valid records; partial and invalid lines are skipped. Each has "event", a text; "images", if present, is a
  /// whole number of at least 0.
  std::vector<nlohmann::ordered_json> events() const;
  /// Removes the records after `images`: a resumed run writes them again.
  void remove_events_after(int64_t images) const;
  /// Removes the records of a score at `images`, which will be computed again.
  void remove_score_at(int64_t images) const;

 private:
  void remove_events(const std::function<bool(const nlohmann::ordered_json&)>& which) const;
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void create_folder(const std::filesystem::path& folder);
  void fill(const std::string& recipe, const nlohmann::ordered_json& data);
  std::filesystem::path checkpoint_file(const std::string& name) const;
  std::filesystem::path path_;
  int lock_ = -1;
  std::vector<std::filesystem::path> created_folders_;  ///< folders created by create()
};

}  // namespace duet
