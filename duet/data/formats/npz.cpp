#include "duet/data/formats/npz.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// The .npy entries of a zip, one after another.
class Entries {
 public:
  explicit Entries(const fs::path& path) : path_(path) {
    archive_read_support_format_zip(zip_.get());
    if (archive_read_open_filename(zip_.get(), path.c_str(), 1 << 18) != ARCHIVE_OK) refuse("cannot open");
  }

  /// Moves to the next one; false at the end.
  bool next() {
    archive_entry* entry = nullptr;
    for (;;) {
      const int code = archive_read_next_header(zip_.get(), &entry);
      if (code == ARCHIVE_EOF) return false;
      if (code != ARCHIVE_OK) refuse("damaged");
      const char* entry_name = archive_entry_pathname(entry);
      name_ = entry_name ? entry_name : "";
      if (!name_.ends_with(".npy")) continue;
      name_.resize(name_.size() - 4);
      return true;
    }
  }

  const std::string& name() const { return name_; }
  std::string place() const { return path_.string() + ":" + name_; }

  ReadBytes reader() {
    return [this](std::span<std::byte> out) {
      size_t done = 0;
      while (done < out.size()) {
        const la_ssize_t read = archive_read_data(zip_.get(), out.data() + done, out.size() - done);
        if (read < 0) refuse("damaged");
        if (read == 0) break;
        done += static_cast<size_t>(read);
      }
      return done;
    };
  }

 private:
  [[noreturn]] void refuse(const char* what) const {
    const char* reason = archive_error_string(zip_.get());
    fail(Fault::data, "{}: {}: {}; expected a .npz file (a zip of .npy arrays)", path_.string(), what,
         reason ? reason : "unknown reason");
  }

  fs::path path_;
  std::unique_ptr<archive, int (*)(archive*)> zip_{archive_read_new(), archive_read_free};
  std::string name_;
};

/// Deflate can expand a megabyte to a gigabyte. Pictures compress to a half, drawn shapes to a fiftieth.
void check_swelling(const fs::path& path, const NpyHeader& header) {
  constexpr int64_t kHarmless = int64_t{1} << 30, kMostTimes = 200;
  std::error_code error;
  const auto size = static_cast<int64_t>(fs::file_size(path, error));
  if (error || header.bytes() <= kHarmless || header.bytes() / kMostTimes <= size) return;
  fail(Fault::data,
       "{}: {} takes {:.1f} GiB, {} times the file; expected at most {} times, which no real data exceed; if it is "
       "meant, save it uncompressed with np.savez",
       header.place, describe(header), static_cast<double>(header.bytes()) / (1 << 30), header.bytes() / size,
       kMostTimes);
}

}  // namespace

std::vector<NpyHeader> npz_headers(const fs::path& path) {
  std::vector<NpyHeader> headers;
  for (Entries entries(path); entries.next();) {
    try {
      headers.push_back(read_npy_header(entries.reader(), entries.place()));
    } catch (const Error& error) {
      // It is an error only if it is needed.
      headers.push_back({.place = entries.place(), .type_name = "unreadable"});
    }
    headers.back().name = entries.name();
  }
  if (headers.empty()) fail(Fault::data, "{}: no .npy arrays inside; expected at least one", path.string());
  return headers;
}

NpyArray read_npz(const fs::path& path, const NpyHeader& header) {
  for (Entries entries(path); entries.next();) {
    if (entries.name() != header.name) continue;
    const auto read = entries.reader();
    const auto whole = read_npy_header(read, entries.place());
    check_type(whole);
    check_swelling(path, whole);
    return read_npy_data(whole, read);
  }
  fail(Fault::data, "{}: is no longer there; expected the file as it was when it was opened", header.place);
}

namespace {

la_ssize_t append(archive*, void* bytes, const void* piece, size_t size) {
  const auto* begin = static_cast<const std::byte*>(piece);
  static_cast<std::vector<std::byte>*>(bytes)->insert(static_cast<std::vector<std::byte>*>(bytes)->end(), begin,
                                                      begin + size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

void write_npz(const fs::path& path, const std::vector<std::pair<std::string, NpyView>>& arrays) {
  std::vector<std::byte> bytes;
  const std::unique_ptr<archive, int (*)(archive*)> zip(archive_write_new(), archive_write_free);
  const auto check = [&](bool done) {
    const char* reason = archive_error_string(zip.get());
    if (!done) fail(Fault::internal, "{}: cannot make a zip: {}", path.string(), reason ? reason : "unknown reason");
  };
  check(archive_write_set_format_zip(zip.get()) == ARCHIVE_OK);
  check(archive_write_zip_set_compression_store(zip.get()) == ARCHIVE_OK);
  check(archive_write_open(zip.get(), &bytes, nullptr, append, nullptr) == ARCHIVE_OK);
  for (const auto& [name, array] : arrays) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), (name + ".npy").c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(array.header().size() + array.data().size()));
    check(archive_write_header(zip.get(), entry.get()) == ARCHIVE_OK);
    for (const auto piece : {std::as_bytes(std::span(array.header())), array.data()})
      check(archive_write_data(zip.get(), piece.data(), piece.size()) == static_cast<la_ssize_t>(piece.size()));
  }
  check(archive_write_close(zip.get()) == ARCHIVE_OK);
  write_atomic(path, bytes);
}

}  // namespace duet
