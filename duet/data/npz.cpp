#include "duet/data/npz.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace fs = std::filesystem;

std::vector<NamedArray> read_npz(const fs::path& path) {
  const std::unique_ptr<archive, int (*)(archive*)> zip(archive_read_new(), archive_read_free);
  archive_read_support_format_zip(zip.get());
  const auto refuse = [&](const char* what) {
    const char* reason = archive_error_string(zip.get());
    fail(Fault::data, "{}: {}: {}; expected a .npz file (a zip of .npy arrays)", path.string(), what,
         reason ? reason : "unknown reason");
  };
  if (archive_read_open_filename(zip.get(), path.c_str(), 1 << 18) != ARCHIVE_OK) refuse("cannot open");
  std::vector<NamedArray> arrays;
  archive_entry* entry = nullptr;
  for (;;) {
    const int code = archive_read_next_header(zip.get(), &entry);
    if (code == ARCHIVE_EOF) break;
    if (code != ARCHIVE_OK) refuse("damaged");
    const char* entry_name = archive_entry_pathname(entry);
    std::string name = entry_name ? entry_name : "";
    if (!name.ends_with(".npy")) continue;
    name.resize(name.size() - 4);
    std::vector<std::byte> bytes;
    std::vector<std::byte> block(1 << 18);
    for (;;) {
      const la_ssize_t read = archive_read_data(zip.get(), block.data(), block.size());
      if (read < 0) refuse("damaged");
      if (read == 0) break;
      bytes.insert(bytes.end(), block.begin(), block.begin() + read);
    }
    NpyArray array = parse_npy(bytes, path.string() + ":" + name);
    arrays.push_back({std::move(name), std::move(array)});
  }
  if (arrays.empty()) fail(Fault::data, "{}: no .npy arrays inside; expected at least one", path.string());
  return arrays;
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
