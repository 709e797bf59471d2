#include "duet/data/formats/archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "duet/core/error.h"
#include "duet/core/paths.h"
#include "duet/data/formats/archive_index.h"
#include "duet/data/formats/image_set.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

class FilesInMemory final : public ImageFiles {
 public:
  FilesInMemory(std::string archive, std::shared_ptr<const FoundFiles> found, std::vector<std::vector<std::byte>> bytes)
      : archive_(std::move(archive)), found_(std::move(found)), bytes_(std::move(bytes)) {}

  std::span<const std::byte> read(size_t file, std::vector<std::byte>&) const override { return bytes_[file]; }
  std::string where(size_t file) const override { return archive_ + ":" + found_->images[file]; }

 private:
  std::string archive_;
  std::shared_ptr<const FoundFiles> found_;
  std::vector<std::vector<std::byte>> bytes_;
};

class FilesInPlace final : public ImageFiles {
 public:
  FilesInPlace(std::string archive, std::shared_ptr<const FoundFiles> found, std::vector<Extent> extents)
      : archive_(std::move(archive)),
        found_(std::move(found)),
        extents_(std::move(extents)),
        fd_(::open(archive_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) fail(Fault::data, "{}: cannot read: {}; check its permissions", archive_, std::strerror(errno));
  }
  ~FilesInPlace() override { ::close(fd_); }
  FilesInPlace(const FilesInPlace&) = delete;
  FilesInPlace& operator=(const FilesInPlace&) = delete;

  std::span<const std::byte> read(size_t file, std::vector<std::byte>& buffer) const override {
    const auto [offset, size] = extents_[file];
    buffer.resize(static_cast<size_t>(size));
    for (size_t done = 0; done < buffer.size();) {
      const ssize_t count = ::pread(fd_, buffer.data() + done, buffer.size() - done, offset + static_cast<off_t>(done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0)
        fail(Fault::data,
             "{}: cannot read {} bytes of the archive at {}: {}; expected it unchanged since it was opened",
             where(file), size, offset, count < 0 ? std::strerror(errno) : "it ends before");
      done += static_cast<size_t>(count);
    }
    return buffer;
  }
  std::string where(size_t file) const override { return archive_ + ":" + found_->images[file]; }

 private:
  std::string archive_;
  std::shared_ptr<const FoundFiles> found_;
  std::vector<Extent> extents_;
  int fd_;
};

}  // namespace

Source open_archive(const fs::path& path, const SourceOptions& options, int64_t memory_bytes) {
  const std::string place = path.string();
  if (const auto kind = look_at(path, Fault::data); kind != PathKind::file)
    fail(Fault::data, "{}: {}; expected a .tar, compressed or not, or a .zip; check the path", place,
         kind == PathKind::missing ? "does not exist" : "is not a file");
  ArchiveIndex index = index_archive(path, memory_bytes);
  DatasetInfo info;
  info.name = place;
  info.format = index.zip ? "zip" : "tar";
  const auto found = std::make_shared<const FoundFiles>(std::move(index.found));
  Parts parts = sort_into_parts(*found, TopFolder::strip, place);
  std::shared_ptr<const ImageFiles> files;
  if (index.packed)
    files = std::make_shared<FilesInMemory>(place, found, std::move(index.bytes));
  else
    files = std::make_shared<FilesInPlace>(place, found, std::move(index.extents));
  return make_image_source(files, found, std::move(parts), info, options);
}

}  // namespace duet
