#include "duet/data/formats/folder.h"

#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/paths.h"
#include "duet/data/formats/image_set.h"
#include "duet/picture/image.h"

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

/// Whether a file without an extension is a picture.
bool begins_like_image(const fs::path& path) {
  std::array<char, 16> begin{};
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), begin.size());
  return looks_like_image(std::as_bytes(std::span(begin.data(), static_cast<size_t>(file.gcount()))));
}

/// Visits everything below a folder.
class Walk {
 public:
  explicit Walk(FoundFiles& found) : found_(found) {}

  void enter(const fs::path& folder, const std::string& prefix) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error) throw Error(Fault::data, describe_refusal(folder, error));
    if (!above_.insert(real).second) return;
    for (const auto& entry : entries_of(folder, Fault::data)) add(entry, prefix);
    above_.erase(real);
  }

 private:
  void add(const fs::directory_entry& entry, const std::string& prefix) {
    const std::string base = entry.path().filename().string(), name = prefix + base;
    if (is_hidden_name(base)) return;
    // In this order most entries need no further system call.
    std::error_code error;
    if (entry.is_regular_file(error)) {
      const bool picture = has_image_extension(name) || (ending_of(name).empty() && begins_like_image(entry.path()));
      picture ? found_.images.push_back(name) : found_.leave_out(name);
    } else if (entry.is_directory(error)) {
      found_.folders.push_back(name);
      enter(entry.path(), name + "/");
    } else if (error == std::errc::no_such_file_or_directory || error == std::errc::too_many_symbolic_link_levels) {
      if (found_.left_out.dead_links++ == 0) found_.left_out.first_dead_link = name;
    } else if (error) {
      throw Error(Fault::data, describe_refusal(entry.path(), error));
    }
  }

  FoundFiles& found_;
  std::set<fs::path> above_;  ///< the current folder and its parents, to stop at links back to them
};

Source open_parts(const fs::path& path, const std::shared_ptr<const FoundFiles>& found, Parts parts,
                  const SourceOptions& options) {
  DatasetInfo info;
  info.name = path.string();
  info.format = "folder";
  return make_image_source(std::make_shared<FilesOnDisk>(path, found), found, std::move(parts), info, options);
}

}  // namespace

std::shared_ptr<const FoundFiles> find_files(const fs::path& folder) {
  if (const auto kind = look_at(folder, Fault::data); kind != PathKind::folder)
    fail(Fault::data, "{}: {}; expected a folder of pictures; check the path", folder.string(),
         kind == PathKind::missing ? "does not exist" : "is not a folder");
  auto found = std::make_shared<FoundFiles>();
  Walk(*found).enter(folder, "");
  return found;
}

std::shared_ptr<const Dataset> open_folder(const fs::path& path, const SourceOptions& options) {
  const auto found = find_files(path);
  return open_parts(path, found, {sort_into_classes(*found, "", path.string()), {}}, options).train;
}

Source open_folder_source(const fs::path& path, const SourceOptions& options) {
  return open_found(path, find_files(path), options);
}

Source open_found(const fs::path& path, const std::shared_ptr<const FoundFiles>& found, const SourceOptions& options) {
  return open_parts(path, found, sort_into_parts(*found, TopFolder::keep, path.string()), options);
}

}  // namespace duet
