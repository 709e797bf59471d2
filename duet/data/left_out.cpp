#include "duet/data/left_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <vector>

#include "duet/core/grouped.h"
#include "duet/core/lower.h"
#include "duet/picture/image.h"

namespace duet {
namespace {

constexpr std::string_view kRead[] = {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp",
                                      ".mpo", ".webp", ".tif", ".tiff", ".pgm", ".ppm",  ".pnm"};

/// Other picture formats: of the web, of phones, of cameras, of programs.
constexpr std::string_view kNotRead[] = {
    ".gif", ".bmp", ".dib", ".heic", ".heif", ".avif", ".jxl", ".svg", ".ico", ".jp2", ".j2k", ".jpx", ".jpf",
    ".pbm", ".pam", ".tga", ".pcx",  ".xbm",  ".xpm",  ".psd", ".xcf", ".kra", ".eps", ".dds", ".exr", ".qoi",
    ".dcm", ".dng", ".nef", ".cr2",  ".cr3",  ".arw",  ".orf", ".rw2", ".raf", ".pef", ".srw"};

bool is_one_of(const auto& endings, const std::string& ending) {
  return std::find(std::begin(endings), std::end(endings), ending) != std::end(endings);
}

}  // namespace

std::string ending_of(std::string_view name) {
  const std::string_view base = name.substr(name.find_last_of('/') + 1);
  const size_t dot = base.find_last_of('.');
  if (dot == std::string_view::npos) return "";
  return lower(base.substr(dot));
}

bool has_image_extension(std::string_view name) { return is_one_of(kRead, ending_of(name)); }

int64_t LeftOut::pictures() const {
  int64_t count = 0;
  for (const auto& [ending, files] : endings)
    if (is_one_of(kNotRead, ending)) count += files;
  return count;
}

std::string describe_endings(const std::map<std::string, int64_t>& endings) {
  std::vector<std::pair<int64_t, std::string>> counts;
  for (const auto& [ending, count] : endings) counts.emplace_back(-count, ending);
  std::sort(counts.begin(), counts.end());
  std::string text;
  for (const auto& [count, ending] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", -count, ending.empty() ? "without extension" : ending);
  return text;
}

std::string describe_left_out(const LeftOut& left_out) {
  std::string text;
  if (const auto count = left_out.pictures(); count > 0) {
    auto pictures = left_out.endings;
    std::erase_if(pictures, [](const auto& entry) { return !is_one_of(kNotRead, entry.first); });
    text = fmt::format("{} of {} picture files {} left out ({}), as duet reads {}; convert them to use them",
                       grouped(count), grouped(count + left_out.pictures_read), count == 1 ? "is" : "are",
                       describe_endings(pictures), kPictureFormats);
  }
  if (left_out.in_no_part > 0)
    text += fmt::format("{}{} picture{} in neither the training nor the test part and left out, such as {}",
                        text.empty() ? "" : "; ", grouped(left_out.in_no_part),
                        left_out.in_no_part == 1 ? " is" : "s are", left_out.first_in_no_part);
  if (left_out.dead_links > 0)
    text += fmt::format("{}{} link{} nowhere and {} left out, such as {}", text.empty() ? "" : "; ",
                        grouped(left_out.dead_links), left_out.dead_links == 1 ? " leads" : "s lead",
                        left_out.dead_links == 1 ? "is" : "are", left_out.first_dead_link);
  return text;
}

}  // namespace duet
