#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace duet::sample {

/// Bytes of a .npy file as NumPy writes them, of any element type: `type` is its code, "<f4".
inline std::string npy(const std::string& type, const std::vector<int64_t>& shape, const std::string& data,
                       bool fortran_order = false) {
  const auto descr = type.starts_with('[') ? type : "'" + type + "'";
  std::string header =
      fmt::format("{{'descr': {}, 'fortran_order': {}, 'shape': ({}{}), }}", descr, fortran_order ? "True" : "False",
                  fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  std::string start("\x93NUMPY\x01\x00", 8);
  start += static_cast<char>(header.size() & 0xff);
  start += static_cast<char>(header.size() >> 8);
  return start + header + data;
}

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// `count` bytes 0, 1, 2, ... again and again.
inline std::string counting(size_t count) {
  std::string bytes(count, '\0');
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i);
  return bytes;
}

/// Packs arrays, named without .npy, as numpy.savez does; deflated as by savez_compressed.
inline void write_npz(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& arrays,
                      bool deflated = false) {
  archive* zip = archive_write_new();
  archive_write_set_format_zip(zip);
  deflated ? archive_write_zip_set_compression_deflate(zip) : archive_write_zip_set_compression_store(zip);
  archive_write_open_filename(zip, path.c_str());
  for (const auto& [name, bytes] : arrays) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, (name + ".npy").c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(zip, entry);
    archive_write_data(zip, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_free(zip);
}

}  // namespace duet::sample
