#include "duet/run/run_files.h"

#include <charconv>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/temporary.h"

namespace duet {
namespace fs = std::filesystem;

nlohmann::json object_in(const fs::path& file) try {
  auto json = nlohmann::json::parse(read_text(file, Fault::checkpoint), nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : nlohmann::json();
} catch (const Error&) {
  return {};
}

namespace {

bool is_empty_folder(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(path, error))) return false;
  for (const auto& entry : fs::directory_iterator(path, error))
    if (!is_temporary_name(entry.path().filename().string())) return false;
  return !error;
}

}  // namespace

bool is_unused(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return false;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const auto name = entry.path().filename();
    const auto is_empty_file = [&] { return entry.is_regular_file(error) && entry.file_size(error) == 0; };
    const bool ours = is_temporary_name(name.string()) ||
                      (name == "run.json" && object_in(entry.path()).contains("duet")) ||
                      (name == ".lock" && is_empty_file()) ||
                      ((name == "checkpoints" || name == "samples") && is_empty_folder(entry.path()));
    if (!ours) return false;
  }
  return !error;
}

std::optional<int64_t> images_in(const fs::path& file, const char* suffix) {
  const auto digits = file.stem().string();
  int64_t images = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), images);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && images >= 0;
  if (!whole || file.extension() != suffix || digits != fmt::format("{:09}", images)) return {};
  return images;
}

void remove_own(const fs::path& folder, const std::function<bool(const fs::path&)>& is_own) {
  std::error_code error;
  std::vector<fs::path> own;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (is_own(entry.path())) own.push_back(entry.path());
  for (const auto& file : own) fs::remove(file, error);
}

bool is_record(const nlohmann::ordered_json& event) {
  if (!event.is_object()) return false;
  const auto kind = event.find("event"), images = event.find("images");
  constexpr auto kMost = uint64_t{1} << 53;
  return kind != event.end() && kind->is_string() &&
         (images == event.end() || (images->is_number_unsigned() && images->get<uint64_t>() < kMost));
}

std::string numbered(int64_t images) { return fmt::format("{:09}", images); }

}  // namespace duet
