#include "duet/data/folder.h"

#include <set>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/data/image_set.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

class FilesOnDisk final : public ImageFiles {
 public:
  FilesOnDisk(fs::path root, std::shared_ptr<const FoundFiles> found)
      : root_(std::move(root)), found_(std::move(found)) {}

  std::span<const std::byte> read(size_t file, std::vector<std::byte>& buffer) const override {
    buffer = read_bytes(root_ / found_->images[file], Fault::data);
    return buffer;
  }
  std::string where(size_t file) const override { return (root_ / found_->images[file]).string(); }

 private:
  fs::path root_;
  std::shared_ptr<const FoundFiles> found_;
};

/// `above` holds the folders on the way down, so that a link back to one of them ends there.
void walk(const fs::path& folder, const std::string& prefix, std::set<fs::path>& above, FoundFiles& found) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error || !above.insert(real).second) return;
  fs::directory_iterator entries(folder, error);
  if (error)
    fail(Fault::data, "{}: cannot list the folder: {}; expected a readable one; check its permissions", folder.string(),
         error.message());
  for (const fs::directory_entry& entry : entries) {
    const std::string base = entry.path().filename().string();
    if (is_hidden_name(base)) continue;
    if (entry.is_directory(error)) {
      found.folders.push_back(prefix + base);
      walk(entry.path(), prefix + base + "/", above, found);
    } else if (entry.is_regular_file(error)) {
      found.add_file(prefix + base);
    }
  }
  above.erase(real);
}

std::shared_ptr<const FoundFiles> find_files(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error))
    fail(Fault::data, "{}: {}; expected a folder of pictures; check the path", root.string(),
         fs::exists(root, error) ? "is not a folder" : "does not exist");
  auto found = std::make_shared<FoundFiles>();
  std::set<fs::path> above;
  walk(root, "", above, *found);
  return found;
}

Source open_parts(const fs::path& path, const std::shared_ptr<const FoundFiles>& found, Parts parts,
                  const SourceOptions& options) {
  DatasetInfo info;
  info.name = path.string();
  info.format = "folder";
  return make_image_source(std::make_shared<FilesOnDisk>(path, found), found, std::move(parts), info, options);
}

}  // namespace

std::shared_ptr<const Dataset> open_folder(const fs::path& path, const SourceOptions& options) {
  const auto found = find_files(path);
  return open_parts(path, found, {sort_into_classes(*found, "", path.string()), {}}, options).train;
}

Source open_folder_source(const fs::path& path, const SourceOptions& options) {
  const auto found = find_files(path);
  return open_parts(path, found, sort_into_parts(*found, TopFolder::keep, path.string()), options);
}

}  // namespace duet
