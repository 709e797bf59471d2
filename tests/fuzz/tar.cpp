#include <archive.h>
#include <archive_entry.h>

#include "duet/data/archive.h"
#include "duet/data/gzip.h"
#include "duet/data/image.h"
#include "tests/data/sample_pictures.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  constexpr int64_t kMemory = 1 << 20;
  const auto path = folder.put("set.tar", bytes);
  read_some(open_archive(path, {.resolution = 8, .channels = 1}, kMemory));
  read_some(open_archive(path, {.mixed_sizes = true}, kMemory));
}

/// A file by its bytes, or a hard link by "->" and a name.
std::string tar(const std::vector<std::pair<std::string, std::string>>& files, int (*format)(archive*)) {
  std::string out(1 << 17, '\0');
  size_t used = 0;
  archive* writer = archive_write_new();
  format(writer);
  // Names as they are: libarchive would convert them from the locale's characters.
  archive_write_set_format_option(writer, nullptr, "hdrcharset", "BINARY");
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  for (const auto& [name, bytes] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    if (bytes.starts_with("->"))
      archive_entry_set_hardlink(entry, bytes.c_str() + 2);
    else
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_write_header(writer, entry);
    if (!bytes.starts_with("->")) archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

std::vector<std::string> seeds() {
  const auto png = text_of(encode_png(sample::picture(9, 9, 3))),
             jpeg = text_of(sample::encode_jpeg(sample::picture(8, 8, 1)));
  const auto plain = tar({{"set/", ""}, {"set/a/1.png", png}, {"set/b/2.jpg", jpeg}, {"set/b/notes.txt", "x"}},
                         archive_write_set_format_ustar);
  return {plain, text_of(gzip(std::as_bytes(std::span(plain)))),
          tar({{"train/caf\xc3\xa9/1.png", png}, {"train/b/2.png", png}, {"test/b/3.png", png}},
              archive_write_set_format_ustar),
          tar({{"train/" + std::string(120, 'a') + "/1.png", png}, {"b.png", png}},
              archive_write_set_format_pax_restricted),
          tar({{"a.png", png}, {"b.png", "->a.png"}, {std::string(120, 'n') + ".png", png}},
              archive_write_set_format_gnutar)};
}

}  // namespace

FuzzTarget fuzz_tar() { return {"tar", read, seeds, {}}; }

}  // namespace duet
