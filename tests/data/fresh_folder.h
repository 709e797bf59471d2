#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "tests/places.h"

namespace duet {

/// A new empty folder in the system's temporary one, removed with its content at the end of the test.
class FreshFolder {
 public:
  FreshFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "duet-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  FreshFolder(const FreshFolder&) = delete;
  FreshFolder& operator=(const FreshFolder&) = delete;
  ~FreshFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void put_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

inline void put_file(const std::filesystem::path& path, std::span<const std::byte> content) {
  put_file(path, std::string(reinterpret_cast<const char*>(content.data()), content.size()));
}

/// The folder of real data sets: DUET_DATA, or shared/data beside the repository.
inline std::filesystem::path real_data() {
  const char* given = std::getenv("DUET_DATA");
  return given ? std::filesystem::path(given) : std::filesystem::path(source_path()) / "../shared/data";
}

}  // namespace duet
