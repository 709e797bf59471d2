#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "duet/data/dataset.h"
#include "tests/data/fresh_folder.h"

namespace duet {

/// A folder into which every input is written, for parsers that read files; in memory if possible.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code error;
    const std::filesystem::path memory = "/dev/shm";
    const bool there = std::filesystem::is_directory(memory, error) && ::access(memory.c_str(), W_OK) == 0;
    auto name = ((there ? memory : std::filesystem::temp_directory_path()) / "duet-fuzz-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path put(const std::string& name, std::span<const std::byte> bytes) const {
    const auto path = path_ / name;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    [[maybe_unused]] const auto written = ::write(fd, bytes.data(), bytes.size());
    ::close(fd);
    return path;
  }

 private:
  std::filesystem::path path_;
};

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Two files in one input: the first one's length in two bytes, the first, the second.
struct TwoFiles {
  std::span<const std::byte> first, second;
};

inline TwoFiles split_input(std::span<const std::byte> bytes) {
  if (bytes.size() < 2) return {bytes, {}};
  const size_t length = static_cast<size_t>(bytes[0]) | static_cast<size_t>(bytes[1]) << 8;
  const auto rest = bytes.subspan(2);
  const auto cut = std::min(length, rest.size());
  return {rest.first(cut), rest.subspan(cut)};
}

inline std::string joined_input(const std::string& first, const std::string& second) {
  return std::string{static_cast<char>(first.size() & 0xff), static_cast<char>(first.size() >> 8 & 0xff)} + first +
         second;
}

/// Reads what a training would: some examples of both parts, their labels and origins.
inline void read_some(const Source& source) {
  for (const auto& part : {source.train, source.test}) {
    if (!part) continue;
    const auto& info = part->info();
    std::vector<std::byte> example(static_cast<size_t>(info.shape.numel()) * 4);
    const int64_t step = std::max<int64_t>(1, info.size / 4);
    for (int64_t i = 0; i < info.size; i += step) {
      part->read(i, example.data());
      if (part->label(i) >= static_cast<int64_t>(info.classes.size()) && !info.classes.empty()) std::abort();
      static_cast<void>(part->where(i));
    }
  }
}

}  // namespace duet
