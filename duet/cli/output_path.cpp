#include "duet/cli/output_path.h"

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/temporary.h"

namespace duet {
namespace fs = std::filesystem;

void check_output_path(const fs::path& out, const std::string& is, const std::string& expected) {
  const auto kind = kind_of(out);
  if (!kind.empty() && kind != is) fail(Fault::usage, "--out {}: is {}; expected {}", out.string(), kind, expected);
  if (kind.empty() || is == "a file") return check_can_make(out);
  std::error_code error;
  if (!fs::is_empty(out, error) && !error)
    fail(Fault::usage, "--out {}: is not empty, and its pictures would mix with these; give a new folder",
         out.string());
  if (error) fail_write(out, "read the folder", error.value());
  refuse_held_folder("--out " + out.string(), out);
}

fs::path resolve_link(const fs::path& out) {
  std::error_code error;
  if (!fs::is_symlink(out, error)) return out;
  const auto file = fs::weakly_canonical(end_of_links(out), error);
  return error ? out : file;
}

}  // namespace duet
