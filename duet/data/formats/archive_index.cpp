#include "duet/data/formats/archive_index.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "duet/core/error.h"
#include "duet/core/paths.h"
#include "duet/data/formats/sniff.h"
#include "duet/picture/image.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// Names of files with data in another format than pictures.
bool is_other_data(std::string_view name) {
  const std::string ending = ending_of(name);
  return name.find("ubyte") != std::string_view::npos || ending == ".npy" || ending == ".npz" || ending == ".csv" ||
         (ending == ".bin" && name.find("_batch") != std::string_view::npos);
}

/// libarchive returns names in the thread's locale, and no names beyond ASCII if the program has set none. While this
/// object exists the thread's locale is UTF-8.
class Utf8Locale {
 public:
  Utf8Locale() {
    if (utf8_ != locale_t()) before_ = ::uselocale(utf8_);
  }
  ~Utf8Locale() {
    if (utf8_ == locale_t()) return;
    ::uselocale(before_);
    ::freelocale(utf8_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t utf8_ = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t());
  locale_t before_ = locale_t();
};

/// The one pass over an archive.
class Indexer {
 public:
  Indexer(const fs::path& path, int64_t memory_bytes)
      : path_(path), place_(path.string()), memory_bytes_(memory_bytes), file_bytes_(bytes_of(path)) {
    if (!reader_) fail(Fault::device, "{}: out of memory while opening; close other programs", place_);
    archive_read_support_format_tar(reader());
    archive_read_support_format_zip(reader());
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
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) fail_archive();
      add(entry);
    }
    if (index_.found.images.empty() && !other_data_.empty())
      fail(Fault::data,
           "{}: contains no pictures but {}, which is data in another format; expected pictures in an archive; unpack "
           "it and give the folder",
           place_, other_data_);
  }

  ArchiveIndex result() {
    index_.zip = is_zip();
    index_.packed = is_packed();
    return std::move(index_);
  }

 private:
  bool is_zip() const { return (archive_format(reader()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP; }
  bool is_packed() const { return is_zip() || archive_filter_code(reader(), 0) != ARCHIVE_FILTER_NONE; }
  archive* reader() const { return reader_.get(); }

  static int64_t bytes_of(const fs::path& path) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (error) throw Error(Fault::data, describe_refusal(path, error));
    return static_cast<int64_t>(bytes);
  }

  /// Reports libarchive's message, except for a file that is not an archive, for which its message is about formats.
  [[noreturn]] void fail_archive() const {
    const char* said = archive_error_string(reader());
    const std::string reason = said ? said : "no reason given";
    if (archive_format(reader()) == 0) {
      const auto packed = advice_on_packing(path_, content_of(path_));
      fail(Fault::data, "{}: is not an archive that duet reads ({}); expected a .tar, compressed or not, or a .zip; {}",
           place_, reason, packed.empty() ? "check the path, or copy or download it again" : packed);
    }
    fail(Fault::data,
         "{}: damaged archive after {} pictures ({}); expected a whole .tar, compressed or not, or a .zip; copy or "
         "download it again",
         place_, index_.found.images.size(), reason);
  }

  /// Without a UTF-8 locale, names marked as UTF-8 are returned as such; all others are raw bytes.
  std::string name_of(archive_entry* entry) const {
    const char* raw = archive_entry_pathname(entry);
    if (!raw) raw = archive_entry_pathname_utf8(entry);
    if (!raw)
      fail(Fault::data, "{}: the name of the entry after {} pictures cannot be read; expected UTF-8; pack it again",
           place_, index_.found.images.size());
    std::string name = raw;
    while (name.starts_with("./") || name.starts_with("/")) name.erase(0, name.find('/') + 1);
    while (name.ends_with('/')) name.pop_back();
    return name;
  }

  void add(archive_entry* entry) {
    const std::string name = name_of(entry);
    if (name.empty() || name == "." || is_hidden_name(name)) return;
    if (archive_entry_filetype(entry) == AE_IFDIR) {
      index_.found.folders.push_back(name);
      return;
    }
    const char* original = archive_entry_hardlink(entry);
    if (!original && archive_entry_filetype(entry) != AE_IFREG) return;
    if (original ? repeat(name, original) : keep(name, entry)) {
      position_[name] = index_.found.images.size();
      index_.found.images.push_back(name);
    } else {
      index_.found.leave_out(name);
      if (other_data_.empty() && is_other_data(name)) other_data_ = name;
    }
  }

  /// A hard link has no data: tar writes it for the second name of a file. False if it is not a picture.
  bool repeat(const std::string& name, std::string original) {
    while (original.starts_with("./")) original.erase(0, 2);
    const bool named = has_image_extension(name);
    const auto at = position_.find(original);
    if (!named && (at == position_.end() || !ending_of(name).empty())) return false;
    if (at == position_.end())
      fail(Fault::data, "{}:{}: is a link to {}, which does not come before it; expected the file; pack it again",
           place_, name, original);
    if (is_packed())
      index_.bytes.push_back(index_.bytes[at->second]);
    else
      index_.extents.push_back(index_.extents[at->second]);
    return true;
  }

  /// Keeps an entry if it is a picture by its extension, or without an extension by its content.
  bool keep(const std::string& name, archive_entry* entry) {
    const bool named = has_image_extension(name);
    if (!named && !ending_of(name).empty()) return false;
    if (archive_entry_is_data_encrypted(entry))
      fail(Fault::data, "{}:{}: is encrypted; expected an archive without a password; unpack it and give the folder",
           place_, name);
    if (!is_packed() && named) return keep_extent(name, entry);
    // Its position is known only before it is read.
    const int64_t offset = archive_filter_bytes(reader(), 0);
    std::vector<std::byte> bytes(kBegin);
    bytes.resize(read_up_to(bytes));
    if (!named && !looks_like_image(bytes)) return false;
    if (!is_packed()) return keep_extent(name, entry, offset);
    // Entries that turn out not to be pictures are reported when decoded, and a zip of zeros cannot fill the memory
    // until then.
    if (looks_like_image(bytes)) read_rest(bytes);
    used_bytes_ += static_cast<int64_t>(bytes.size());
    index_.bytes.push_back(std::move(bytes));
    return true;
  }

  bool keep_extent(const std::string& name, archive_entry* entry, std::optional<int64_t> offset = {}) {
    if (archive_entry_sparse_count(entry) > 0)
      fail(Fault::data, "{}:{}: is stored as a sparse file; expected plain data; pack the archive without --sparse",
           place_, name);
    const Extent extent{offset.value_or(archive_filter_bytes(reader(), 0)), archive_entry_size(entry)};
    if (extent.size < 0 || extent.offset + extent.size > file_bytes_)
      fail(Fault::data, "{}:{}: damaged archive: {} bytes at {} are declared, but the file ends at {}; copy it again",
           place_, name, extent.size, extent.offset, file_bytes_);
    index_.extents.push_back(extent);
    return true;
  }

  /// Fills `bytes` with the entry's data, as much as there is.
  size_t read_up_to(std::span<std::byte> bytes) {
    size_t done = 0;
    while (done < bytes.size()) {
      const la_ssize_t count = archive_read_data(reader(), bytes.data() + done, bytes.size() - done);
      if (count < 0) fail_archive();
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  /// In pieces, because a header may declare any size, and in a zip none.
  void read_rest(std::vector<std::byte>& bytes) {
    constexpr size_t kPiece = size_t{1} << 20;
    for (size_t got = kPiece; got == kPiece;) {
      const size_t done = bytes.size();
      if (used_bytes_ + static_cast<int64_t>(done) > memory_bytes_)
        fail(Fault::data,
             "{}: the pictures in this archive take over {} MiB, which is all that is kept in memory of a packed one; "
             "expected less; unpack it and give the folder, or an uncompressed .tar, which is read in place",
             place_, memory_bytes_ >> 20);
      bytes.resize(done + kPiece);
      got = read_up_to(std::span(bytes).subspan(done));
      bytes.resize(done + got);
    }
    bytes.shrink_to_fit();
  }

  static constexpr size_t kBegin = 16;  ///< bytes needed to recognise a picture

  Utf8Locale locale_;
  fs::path path_;
  std::string place_;
  int64_t memory_bytes_;
  int64_t file_bytes_;
  int64_t used_bytes_ = 0;
  ArchiveIndex index_;
  std::string other_data_;
  std::unique_ptr<archive, decltype(&archive_read_free)> reader_{archive_read_new(), archive_read_free};
  std::unordered_map<std::string, size_t> position_;
};

}  // namespace

ArchiveIndex index_archive(const fs::path& path, int64_t memory_bytes) {
  Indexer indexer(path, memory_bytes);
  indexer.run();
  return indexer.result();
}

}  // namespace duet
