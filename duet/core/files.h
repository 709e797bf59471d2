#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/error.h"

namespace duet {

/// Content of a file. Throws Error(fault) with the system's reason when it cannot be read.
std::vector<std::byte> read_bytes(const std::filesystem::path& path, Fault fault);
std::string read_text(const std::filesystem::path& path, Fault fault);

/// Writes a file atomically: a reader sees either the old or the complete new content, also after a crash. Uses a new
/// temporary name in the same folder (see temporary.h), fsync, rename, and fsync of the folder. Nothing is left behind
/// on failure. Throws Error(device) with the system's reason (disk full, not writable).
void write_atomic(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomic(const std::filesystem::path& path, std::string_view text);
/// The same, from several pieces in order, so that a header and tensors need not be copied together first.
void write_atomic(const std::filesystem::path& path, const std::vector<std::span<const std::byte>>& pieces);

/// Writes a file without waiting for the disk, for many files that belong together: call sync_files after the last one.
/// Throws Error(device) with the system's reason.
void write_plain(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Waits until everything written so far to the file system of `folder` is on its disk. Throws Error(device) when that
/// fails.
void sync_files(const std::filesystem::path& folder);

/// Creates a folder and its parents. Throws Error(device) with the system's reason.
void make_folder(const std::filesystem::path& path);

/// Throws the Error(device) that writing `path` would throw, as far as it can be predicted without writing: a parent
/// that is not a folder or not writable, a name that is too long. Creates nothing; parents need not exist.
void check_can_make(const std::filesystem::path& path);

/// The target of a symbolic link, which need not exist; any other path is returned unchanged. Throws Error(device) for
/// a loop of links.
std::filesystem::path end_of_links(const std::filesystem::path& path);

/// Kind of file at a path, links followed: "a file", "a folder", "a device", "a pipe" or "a socket"; empty if nothing
/// exists.
std::string kind_of(const std::filesystem::path& path);

/// Throws Error(device): "PATH: cannot ACTION: the system's reason; what to do".
[[noreturn]] void fail_write(const std::filesystem::path& path, const char* action, int error);

/// Computes SHA-256 as 64 hex digits. Throws Error(internal) if the library fails. Threads: not for several at once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::span<const std::byte> bytes);
  /// Finishes the hash; call once.
  std::string hex();

 private:
  void* context_;
};

}  // namespace duet
