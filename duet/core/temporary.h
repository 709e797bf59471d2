#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace duet {

/// Files and folders that are being written have the temporary name ".NAME.duet-k3x9q2ab" in the folder of NAME. Each
/// name is new, and the process that writes it holds a lock on it. So duet never overwrites or removes anyone else's
/// files, and what a killed process left behind is recognised by its name and its free lock. Readers of data skip
/// hidden names.
bool is_temporary_name(std::string_view name);

/// A file under a temporary name beside `path`, open for writing. Removed with this object unless it was put in place.
class TemporaryFile {
 public:
  /// Throws Error(device) with the system's reason.
  explicit TemporaryFile(const std::filesystem::path& path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int descriptor() const { return descriptor_; }
  /// Syncs the file to disk, renames it to its final name, which may replace an existing file, and syncs the folder.
  void put_in_place();

 private:
  std::filesystem::path path_, name_;
  int descriptor_ = -1;
};

/// Creates a folder completely or not at all: `fill` writes into a folder under a temporary name beside `path`, which
/// is synced and renamed when `fill` returns and removed when it throws. `path` may be an empty folder, whose
/// permissions are kept. Parents are created. Leftovers of killed processes for the same folder are removed. Throws
/// what `fill` throws, and Error(device) with the system's reason; errors name files by their final paths.
void write_folder(const std::filesystem::path& path,
                  const std::function<void(const std::filesystem::path& folder)>& fill);

/// Throws Error(usage), whose message begins with `place`, where write_folder() cannot replace a folder although it is
/// empty: a mount point or the working folder.
void refuse_held_folder(const std::string& place, const std::filesystem::path& path);

/// Removes temporary files of killed processes from a folder that belongs to duet; only those whose final name begins
/// with `prefix`.
void remove_leftovers(const std::filesystem::path& folder, std::string_view prefix = "");

}  // namespace duet
