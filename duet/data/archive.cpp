#include "duet/data/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "duet/core/error.h"
#include "duet/data/image_set.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// Encoded pictures in the order of the archive.
struct Kept {
  std::vector<std::vector<std::byte>> bytes;  ///< of a compressed archive
  struct Extent {
    int64_t offset = 0;
    int64_t size = 0;
  };
  std::vector<Extent> extents;  ///< of a plain one
};

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
  FilesInPlace(std::string archive, std::shared_ptr<const FoundFiles> found, std::vector<Kept::Extent> extents)
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
  std::vector<Kept::Extent> extents_;
  int fd_;
};

/// The one pass over an archive.
class Indexer {
 public:
  Indexer(const fs::path& path, int64_t memory_bytes)
      : place_(path.string()), memory_bytes_(memory_bytes), file_bytes_(static_cast<int64_t>(fs::file_size(path))) {
    if (!reader_) fail(Fault::device, "{}: out of memory while opening; close other programs", place_);
    archive_read_support_format_tar(reader());
    archive_read_support_filter_gzip(reader());
    archive_read_support_filter_bzip2(reader());
    archive_read_support_filter_xz(reader());
    archive_read_support_filter_zstd(reader());
    if (archive_read_open_filename(reader(), path.c_str(), 1 << 18) != ARCHIVE_OK) fail_archive();
  }

  void run() {
    archive_entry* entry = nullptr;
    for (;;) {
      const int status = archive_read_next_header(reader(), &entry);
      if (status == ARCHIVE_EOF) return;
      if (status < ARCHIVE_WARN) fail_archive();
      add(entry);
    }
  }

  bool compressed() const { return archive_filter_code(reader(), 0) != ARCHIVE_FILTER_NONE; }

  FoundFiles found;
  Kept kept;

 private:
  archive* reader() const { return reader_.get(); }

  /// Says what libarchive said, but for a file that is no archive at all: its message speaks of formats.
  [[noreturn]] void fail_archive() const {
    const char* reason = archive_error_string(reader());
    fail(Fault::data,
         "{}: damaged archive after {} pictures ({}); expected a whole .tar, .tar.gz or .tar.xz; copy or download it "
         "again",
         place_, found.images.size(), reason ? reason : "no reason given");
  }

  /// UTF-8 names of pax headers cannot be given in the C locale, raw names of old headers not as UTF-8: one of the two
  /// is there.
  std::string name_of(archive_entry* entry) const {
    const char* raw = archive_entry_pathname(entry);
    if (!raw) raw = archive_entry_pathname_utf8(entry);
    if (!raw)
      fail(Fault::data, "{}: the name of the entry after {} pictures cannot be read; expected UTF-8; pack it again",
           place_, found.images.size());
    std::string name = raw;
    while (name.starts_with("./") || name.starts_with("/")) name.erase(0, name.find('/') + 1);
    while (name.ends_with('/')) name.pop_back();
    return name;
  }

  void add(archive_entry* entry) {
    const std::string name = name_of(entry);
    if (name.empty() || name == "." || is_hidden_name(name)) return;
    if (archive_entry_filetype(entry) == AE_IFDIR) {
      found.folders.push_back(name);
      return;
    }
    const char* original = archive_entry_hardlink(entry);
    if (!original && archive_entry_filetype(entry) != AE_IFREG) return;
    const size_t before = found.images.size();
    found.add_file(name);
    if (found.images.size() == before) return;
    if (original)
      repeat(original);
    else if (compressed())
      keep_bytes(entry);
    else
      keep_extent(entry);
    position_[name] = before;
  }

  /// A hard link holds no data of its own: tar writes it for the second name of one file.
  void repeat(std::string original) {
    while (original.starts_with("./")) original.erase(0, 2);
    const auto at = position_.find(original);
    if (at == position_.end())
      fail(Fault::data, "{}:{}: is a link to {}, which does not come before it; expected the file; pack it again",
           place_, found.images.back(), original);
    if (compressed())
      kept.bytes.push_back(kept.bytes[at->second]);
    else
      kept.extents.push_back(kept.extents[at->second]);
  }

  void keep_extent(archive_entry* entry) {
    if (archive_entry_sparse_count(entry) > 0)
      fail(Fault::data, "{}:{}: is stored as a sparse file; expected plain data; pack the archive without --sparse",
           place_, found.images.back());
    const Kept::Extent extent{archive_filter_bytes(reader(), 0), archive_entry_size(entry)};
    if (extent.size < 0 || extent.offset + extent.size > file_bytes_)
      fail(Fault::data, "{}:{}: damaged archive: {} bytes at {} are declared, but the file ends at {}; copy it again",
           place_, found.images.back(), extent.size, extent.offset, file_bytes_);
    kept.extents.push_back(extent);
  }

  void keep_bytes(archive_entry* entry) {
    constexpr int64_t kPiece = 1 << 20;
    const int64_t size = archive_entry_size(entry);
    used_bytes_ += size;
    if (used_bytes_ > memory_bytes_)
      fail(
          Fault::data,
          "{}: the pictures in this compressed archive take over {} MiB, which is all that is kept in memory; expected "
          "less; decompress it to an uncompressed .tar, which is read in place",
          place_, memory_bytes_ >> 20);
    std::vector<std::byte> bytes;
    while (static_cast<int64_t>(bytes.size()) < size) {
      // In pieces, because a damaged header may declare any size.
      const size_t done = bytes.size();
      bytes.resize(done + static_cast<size_t>(std::min(size - static_cast<int64_t>(done), kPiece)));
      const la_ssize_t count = archive_read_data(reader(), bytes.data() + done, bytes.size() - done);
      if (count <= 0) fail_archive();
      bytes.resize(done + static_cast<size_t>(count));
    }
    kept.bytes.push_back(std::move(bytes));
  }

  std::string place_;
  int64_t memory_bytes_;
  int64_t file_bytes_;
  int64_t used_bytes_ = 0;
  std::unique_ptr<archive, decltype(&archive_read_free)> reader_{archive_read_new(), archive_read_free};
  std::unordered_map<std::string, size_t> position_;
};

}  // namespace

Source open_archive(const fs::path& path, const SourceOptions& options, int64_t memory_bytes) {
  const std::string place = path.string();
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    fail(Fault::data, "{}: {}; expected a .tar, .tar.gz or .tar.xz; check the path", place,
         fs::exists(path, error) ? "is not a file" : "does not exist");
  Indexer indexer(path, memory_bytes);
  indexer.run();
  const auto found = std::make_shared<const FoundFiles>(std::move(indexer.found));
  Parts parts = sort_into_parts(*found, TopFolder::strip, place);
  std::shared_ptr<const ImageFiles> files;
  if (indexer.compressed())
    files = std::make_shared<FilesInMemory>(place, found, std::move(indexer.kept.bytes));
  else
    files = std::make_shared<FilesInPlace>(place, found, std::move(indexer.kept.extents));
  DatasetInfo info;
  info.name = place;
  info.format = "tar";
  return make_image_source(files, found, std::move(parts), info, options);
}

}  // namespace duet
