#include "duet/data/formats/sniff.h"

#include <archive.h>
#include <archive_entry.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "duet/data/left_out.h"
#include "duet/picture/bytes.h"
#include "duet/picture/image.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLook = 4096;

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

std::string beginning_of(const fs::path& path) {
  std::string bytes(kLook, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

std::string compression_of(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return "gzip";
  if (bytes.starts_with("BZh")) return "bzip2";
  if (bytes.starts_with(std::string_view("\xfd\x37zXZ\0", 6))) return "xz";
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  return "";
}

/// The first bytes after decompression; none if they are damaged.
std::string unpacked_beginning_of(const fs::path& path) {
  const Reader reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) < ARCHIVE_WARN)
    return "";
  std::string bytes(kLook, '\0');
  const la_ssize_t count = archive_read_data(reader.get(), bytes.data(), bytes.size());
  bytes.resize(static_cast<size_t>(std::max<la_ssize_t>(count, 0)));
  return bytes;
}

/// The checksum of a tar's first block is correct, in every dialect of tar.
bool looks_like_tar(std::string_view bytes) {
  constexpr size_t kBlock = 512, kSum = 148, kSumBytes = 8;
  if (bytes.size() < kBlock) return false;
  int64_t sum = 0, said = 0;
  for (size_t i = 0; i < kBlock; ++i)
    sum += i >= kSum && i < kSum + kSumBytes ? ' ' : static_cast<unsigned char>(bytes[i]);
  bool digits = false;
  for (const char digit : bytes.substr(kSum, kSumBytes)) {
    if (digit >= '0' && digit <= '7')
      said = said * 8 + digit - '0', digits = true;
    else if (digits || digit != ' ')
      break;
  }
  return digits && said == sum;
}

/// True when one of the first two lines consists of numbers and separators only (the other may be a header).
bool looks_like_table(std::string_view bytes) {
  size_t start = 0;
  for (int line = 0; line < 2 && start < bytes.size(); ++line) {
    const size_t end = std::min(bytes.find('\n', start), bytes.size());
    const auto text = bytes.substr(start, end - start);
    if (text.find_first_of("0123456789") != std::string_view::npos &&
        text.find_first_not_of("0123456789+-.eE,;\t \r") == std::string_view::npos)
      return true;
    start = end + 1;
  }
  return false;
}

/// A zip of .npy files is a .npz.
std::string kind_of_zip(const fs::path& path) {
  constexpr int kMostNames = 1000;
  const Reader reader(archive_read_new(), archive_read_free);
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) return "zip";
  archive_entry* entry = nullptr;
  bool arrays = false;
  for (int i = 0; i < kMostNames && archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK; ++i) {
    const char* name = archive_entry_pathname(entry);
    if (name && has_image_extension(name)) return "zip";
    arrays |= name && ending_of(name) == ".npy";
  }
  return arrays ? "npz" : "zip";
}

const char* program_for(const std::string& compression) {
  return compression == "gzip"    ? "gunzip"
         : compression == "bzip2" ? "bunzip2"
         : compression == "xz"    ? "unxz"
                                  : "unzstd";
}

std::string format_of(std::string_view bytes) {
  const auto first = std::as_bytes(std::span(bytes.data(), bytes.size()));
  for (const char channels : {'\x03', '\x04'})
    if (bytes.starts_with(std::string("\0\0\x08", 3) + channels)) return "idx";
  if (bytes.starts_with("\x93NUMPY")) return "npy";
  if (looks_like_image(first)) return "picture";
  if (looks_like_tar(bytes)) return "tar";
  if (bytes.starts_with("7z\xbc\xaf\x27\x1c")) return "7-zip";
  if (bytes.starts_with("Rar!")) return "rar";
  return looks_like_table(bytes) ? "csv" : "";
}

}  // namespace

Content content_of(const fs::path& path) {
  const std::string bytes = beginning_of(path);
  if (bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6")) return {kind_of_zip(path), ""};
  const std::string compression = compression_of(bytes);
  return {format_of(compression.empty() ? bytes : unpacked_beginning_of(path)), compression};
}

std::string advice_on_packing(const fs::path& path, const Content& content) {
  const auto& [format, compression] = content;
  if (format == "7-zip" || format == "rar")
    return fmt::format("it is a {} archive, which is not read: unpack it and give the folder", format);
  if (compression.empty() || format == "tar") return "";
  // IDX files are published gzip-compressed, and can be read in that form.
  if (format == "idx" && compression == "gzip")
    return fmt::format("it begins like idx: name the format as in idx:{}", path.string());
  if (format.empty())
    return fmt::format("it is compressed by {}, and its content is in no format that duet reads; check the path",
                       compression);
  const char* kind = format == "npy" ? "a .npy array" : format == "csv" ? "a table" : "an IDX file";
  const auto inside = fs::path(path).replace_extension().string();
  const bool told = format != "idx" && inside.ends_with("." + format);
  return fmt::format("it is {} compressed by {}, which is not read so: unpack it with {} and give {}",
                     format == "picture" ? "one picture" : kind, compression, program_for(compression),
                     format == "picture" ? "the folder it lies in"
                     : told              ? inside
                                         : fmt::format("{}:{}", format, inside));
}

}  // namespace duet
