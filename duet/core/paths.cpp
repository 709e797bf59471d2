#include "duet/core/paths.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace duet {
namespace fs = std::filesystem;
namespace {

/// The path for a message; long ones are shortened in the middle.
std::string shown(const fs::path& path) {
  constexpr size_t kMost = 400, kBegin = 100, kEnd = 60;
  const std::string text = path.string();
  if (text.size() <= kMost) return text;
  return fmt::format("{}...{}", text.substr(0, kBegin), text.substr(text.size() - kEnd));
}

/// The shortest prefix of the path (by components, the whole path included) for which `test` holds; empty if none.
fs::path first_part(const fs::path& path, const auto& test) {
  fs::path part;
  for (const auto& name : path) {
    part /= name;
    if (test(part)) return part;
  }
  return {};
}

std::string describe_closed_folder(const fs::path& path) {
  std::error_code ignored;
  const auto closed = first_part(path, [&](const fs::path& part) {
    return fs::is_directory(part, ignored) && ::faccessat(AT_FDCWD, part.c_str(), X_OK, AT_EACCESS) != 0;
  });
  if (closed.empty() || closed == path)
    return fmt::format(
        "{}: permission denied; expected a file or folder that you may read; change its permissions, "
        "or ask its owner to",
        shown(path));
  return fmt::format(
      "{}: permission denied, as the folder {} may not be entered; expected a path that you may read; "
      "change its permissions, or ask its owner to",
      shown(path), closed.string());
}

std::string describe_loop(const fs::path& path) {
  std::error_code ignored;
  const auto link = first_part(path, [&](const fs::path& part) {
    std::error_code reason;
    [[maybe_unused]] const auto status = fs::status(part, reason);
    return fs::is_symlink(part, ignored) && reason == std::errc::too_many_symbolic_link_levels;
  });
  return fmt::format(
      "{}: {}a loop of symbolic links; expected a file or folder "
      "at the end of them; remove the link, or point it to one",
      shown(path), link.empty() || link == path ? "" : link.string() + " is ");
}

std::string describe_length(const fs::path& path) {
  size_t longest = 0;
  for (const auto& name : path) longest = std::max(longest, name.string().size());
  if (longest > NAME_MAX)
    return fmt::format("{}: the file name is too long ({} bytes); expected at most {}; check the path", shown(path),
                       longest, NAME_MAX);
  return fmt::format(
      "{}: the path is too long ({} bytes); expected at most {}; check it, or change to a folder "
      "nearer to it and give the rest",
      shown(path), path.string().size(), PATH_MAX - 1);
}

}  // namespace

std::string describe_refusal(const fs::path& path, const std::error_code& error) {
  if (error == std::errc::permission_denied) return describe_closed_folder(path);
  if (error == std::errc::too_many_symbolic_link_levels) return describe_loop(path);
  if (error == std::errc::filename_too_long) return describe_length(path);
  return fmt::format("{}: cannot be accessed: {}; expected a file or folder that can be read; check the path",
                     shown(path), error.message());
}

PathKind look_at(const fs::path& path, Fault fault) {
  std::error_code error;
  switch (fs::status(path, error).type()) {
    case fs::file_type::regular:
      return PathKind::file;
    case fs::file_type::directory:
      return PathKind::folder;
    case fs::file_type::not_found:
      return PathKind::missing;
    case fs::file_type::none:
    case fs::file_type::unknown:
      throw Error(fault, describe_refusal(path, error));
    default:
      return PathKind::other;
  }
}

bool is_file(const fs::path& path, Fault fault) { return look_at(path, fault) == PathKind::file; }
bool is_folder(const fs::path& path, Fault fault) { return look_at(path, fault) == PathKind::folder; }

std::vector<fs::directory_entry> entries_of(const fs::path& folder, Fault fault) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error))
    entries.push_back(*at);
  if (error) throw Error(fault, describe_refusal(folder, error));
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.path().native() < b.path().native(); });
  return entries;
}

void check_working_folder(const fs::path& path, Fault fault) {
  std::error_code error;
  if (path.is_absolute() || !fs::current_path(error).empty()) return;
  fail(fault,
       "{}: cannot be found, because the working folder has been deleted; expected one that exists; "
       "cd to it, or give an absolute path",
       shown(path));
}

}  // namespace duet
