#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace duet {

/// Bytes of an archive in the format that `begin` sets. A file is given by its bytes, a hard link by "->" and a name.
/// `sized`: the size is before an entry's data; else after them, as from a program that writes into a pipe.
inline std::string pack(const std::vector<std::pair<std::string, std::string>>& files,
                        const std::function<void(archive*)>& begin, bool sized = true) {
  std::string out(1 << 17, '\0');
  size_t used = 0;
  archive* writer = archive_write_new();
  begin(writer);
  // Names unchanged: libarchive would convert them from the locale's encoding.
  archive_write_set_format_option(writer, nullptr, "hdrcharset", "BINARY");
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  for (const auto& [name, bytes] : files) {
    const bool is_link = bytes.starts_with("->");
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    if (is_link)
      archive_entry_set_hardlink(entry, bytes.c_str() + 2);
    else if (sized)
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_write_header(writer, entry);
    if (!is_link) archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

}  // namespace duet
