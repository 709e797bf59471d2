#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace duet {

/// True when the bytes begin like a gzip file (RFC 1952).
bool looks_like_gzip(std::span<const std::byte> bytes);

/// Decompressed data of a gzip file.
struct Gunzipped {
  std::vector<std::byte> bytes;  ///< at most `limit`
  bool complete = false;         ///< false: the file is truncated, or the limit was reached
};

/// Decompresses a gzip file in memory, one member or several, up to `limit` bytes (a tiny file can contain terabytes).
/// `place` names it in messages. Throws Error(data) when the bytes are damaged; a merely truncated file is returned as
/// far as it goes, so that the caller can say how much is missing.
Gunzipped gunzip(std::span<const std::byte> compressed, int64_t limit, const std::string& place);

/// RFC 1952 bytes of one member, for tests and small files.
std::vector<std::byte> gzip(std::span<const std::byte> bytes);

}  // namespace duet
