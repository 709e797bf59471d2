#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace duet {

// Reading headers. The caller checks that the bytes exist.

inline int64_t big_endian(std::span<const std::byte> bytes, size_t at, size_t count) {
  int64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | std::to_integer<int64_t>(bytes[at + i]);
  return value;
}

inline int64_t little_endian(std::span<const std::byte> bytes, size_t at, size_t count) {
  int64_t value = 0;
  for (size_t i = count; i > 0; --i) value = value << 8 | std::to_integer<int64_t>(bytes[at + i - 1]);
  return value;
}

/// True when `text` is at byte `at`; false where the bytes end before.
inline bool holds_at(std::span<const std::byte> bytes, size_t at, std::string_view text) {
  if (at > bytes.size() || bytes.size() - at < text.size()) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (bytes[at + i] != static_cast<std::byte>(text[i])) return false;
  return true;
}

}  // namespace duet
