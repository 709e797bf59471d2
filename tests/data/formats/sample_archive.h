#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Archives that the tests make for themselves.
namespace duet::sample {

using Entries = std::vector<std::pair<std::string, std::vector<std::byte>>>;

/// A name ending in '/' is a folder; bytes that begin with "->" are a hard link to the name after it.
inline void write_tar(const std::filesystem::path& path, const Entries& entries,
                      int (*format)(archive*) = archive_write_set_format_pax_restricted,
                      int (*filter)(archive*) = archive_write_add_filter_none) {
  archive* writer = archive_write_new();
  format(writer);
  filter(writer);
  ASSERT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
  for (const auto& [name, bytes] : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname_utf8(entry, name.c_str());
    archive_entry_set_perm(entry, 0644);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    if (text.starts_with("->"))
      archive_entry_set_hardlink(entry, text.c_str() + 2);
    else
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    ASSERT_GE(archive_write_header(writer, entry), ARCHIVE_WARN) << archive_error_string(writer);
    if (!text.starts_with("->")) archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
}

inline std::vector<std::byte> text_bytes(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace duet::sample
