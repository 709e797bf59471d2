#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/error.h"

namespace duet {

/// The whole of a file. Throws Error(fault) with the system's reason when it cannot be read.
std::vector<std::byte> read_bytes(const std::filesystem::path& path, Fault fault);
std::string read_text(const std::filesystem::path& path, Fault fault);

/// Writes a file so that a reader sees either the old content or the whole of the new one, also after a crash: a new
/// temporary name in the same folder (see temporary.h), fsync, rename, fsync of the folder. Nothing is left behind on
/// failure. Throws Error(device) with the system's reason (disk full, not writable).
void write_atomic(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomic(const std::filesystem::path& path, std::string_view text);
/// The same, from pieces written one after another (a header and tensors that are not copied together first).
void write_atomic(const std::filesystem::path& path, const std::vector<std::span<const std::byte>>& pieces);

/// Writes one of many files that mean something only together, without waiting for the disk: after the last call
/// sync_files. Throws Error(device) with the system's reason.
void write_plain(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Waits once until everything written so far to the file system of `folder` is on its disk. Throws Error(device) when
/// the disk refused some of it.
void sync_files(const std::filesystem::path& folder);

/// Creates a folder and its parents. Throws Error(device) with the system's reason.
void make_folder(const std::filesystem::path& path);

/// Throws the Error(device) that writing `path` would, as far as that can be told without writing: a parent that is no
/// folder or may not be written, a name that is too long. Makes nothing; parents need not exist.
void check_can_make(const std::filesystem::path& path);

/// Where a path leads that is a link, also one to what is not there yet; else the path as it is. Throws Error(device)
/// where links lead in a circle.
std::filesystem::path end_of_links(const std::filesystem::path& path);

/// What lies at a path, links followed: "a file", "a folder", "a device", "a pipe" or "a socket"; empty where nothing
/// does.
std::string kind_of(const std::filesystem::path& path);

/// Throws Error(device): "PATH: cannot ACTION: the system's reason; what to do".
[[noreturn]] void fail_write(const std::filesystem::path& path, const char* action, int error);

/// SHA-256 as 64 hex digits. Throws Error(internal) if the library refuses. Threads: not for several at once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::span<const std::byte> bytes);
  /// Ends the hash; call once.
  std::string hex();

 private:
  void* context_;
};

}  // namespace duet
