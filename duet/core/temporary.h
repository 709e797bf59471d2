#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace duet {

/// Names of what is being written: ".NAME.duet-k3x9q2ab" in the folder of NAME. Each is one that nothing had, made by
/// the process that uses it, which holds a lock on it; so nothing of anybody else's is ever written over or removed,
/// and what a killed process has left is known by its name and by being free. Readers of data pass over hidden names.
bool is_temporary_name(std::string_view name);

/// A file under a temporary name beside `path`, open for writing. Gone with this object unless it was put in place.
class TemporaryFile {
 public:
  /// Throws Error(device) with the system's reason.
  explicit TemporaryFile(const std::filesystem::path& path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int descriptor() const { return descriptor_; }
  /// Gives the file its final name, over what may stand there, once it is on the disk; then the folder is synced.
  void put_in_place();

 private:
  std::filesystem::path path_, name_;
  int descriptor_ = -1;
};

/// Makes a folder as a whole or not at all: `fill` writes into a folder under a temporary name beside `path`, which is
/// synced and gets its name when `fill` has returned; where it throws, everything is taken away again. `path` may be an
/// empty folder, whose permissions are kept. Parents are made. What killed processes have left of the same folder is
/// removed. Throws what `fill` throws, Error(device) with the
/// system's reason; errors name files as they would have been called.
void write_folder(const std::filesystem::path& path,
                  const std::function<void(const std::filesystem::path& folder)>& fill);

/// Throws Error(usage) that begins with `place` where write_folder() could not put a folder, although nothing lies in
/// it: one that others hold on to by more than its name (a mount point, the folder one is in).
void refuse_held_folder(const std::string& place, const std::filesystem::path& path);

/// Removes files that killed processes have left under temporary names in a folder that is duet's own, those alone
/// whose final name would have begun with `prefix`.
void remove_leftovers(const std::filesystem::path& folder, std::string_view prefix = "");

}  // namespace duet
