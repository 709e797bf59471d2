#include "duet/core/temporary.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <random>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMark = ".duet-";
constexpr size_t kLetters = 8;

/// ".NAME.duet-k3x9q2ab" beside `path`; a long NAME is shortened to leave room for the suffix.
fs::path temporary_name(const fs::path& path) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::uniform_int_distribution<size_t> letter(0, kAlphabet.size() - 1);
  auto name = "." + path.filename().string().substr(0, NAME_MAX - 1 - kMark.size() - kLetters) + std::string(kMark);
  for (size_t i = 0; i < kLetters; ++i) name += kAlphabet[letter(random)];
  return path.parent_path() / name;
}

/// Calls make(name) with temporary names until one is new. make returns whether it created something, else errno has
/// the reason.
template <class Make>
fs::path make_new(const fs::path& path, const char* what, const Make& make) {
  if (path.filename().string().size() > NAME_MAX) fail_write(path, what, ENAMETOOLONG);
  for (int tries = 0;; ++tries) {
    auto name = temporary_name(path);
    if (make(name)) return name;
    if (errno != EEXIST || tries == 100) fail_write(path, what, errno);
  }
}

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);  // some file systems cannot sync folders; the rename is done anyway
  ::close(descriptor);
}

/// The absolute path behind links and without a trailing slash.
fs::path final_place(const fs::path& path) {
  std::error_code error;
  // weakly_canonical resolves .. correctly where parents are links, but does not follow a link to a missing target.
  const auto end = end_of_links(path);
  auto place =
      fs::is_symlink(path, error) ? fs::weakly_canonical(fs::absolute(end, error), error) : fs::absolute(path, error);
  place = place.lexically_normal();
  return place.has_filename() ? place : place.parent_path();
}

std::string with_final_names(std::string text, const std::string& temporary, const std::string& final) {
  for (size_t at = 0; (at = text.find(temporary, at)) != std::string::npos; at += final.size())
    text.replace(at, temporary.size(), final);
  return text;
}

/// A locked file in a folder that is being written: if it is not locked, its process was killed.
class Mark {
 public:
  explicit Mark(const fs::path& folder) : file_(folder / kName) {
    descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail_write(file_, "create the file", errno);
    ::flock(descriptor_, LOCK_EX | LOCK_NB);
  }
  ~Mark() {
    ::unlink(file_.c_str());
    ::close(descriptor_);
  }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;

  static bool is_free_in(const fs::path& folder) { return is_free(folder / kName); }
  /// Whether this is a regular file that no process has locked.
  static bool is_free(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return false;
    struct stat about{};
    const bool free =
        ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    ::close(descriptor);
    return free;
  }

 private:
  static constexpr const char* kName = ".duet-is-writing-here";
  fs::path file_;
  int descriptor_ = -1;
};

std::vector<fs::path> temporaries_in(const fs::path& folder, std::string_view prefix) {
  std::error_code error;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    if (is_temporary_name(name) && std::string_view(name).substr(1).starts_with(prefix)) found.push_back(entry.path());
  }
  return found;
}

/// Removes folders that killed processes left while writing the same folder; only duet creates the mark file in them.
void remove_leftover_folders(const fs::path& place) {
  std::error_code error;
  for (const auto& folder : temporaries_in(place.parent_path(), place.filename().string() + std::string(kMark)))
    if (fs::is_directory(fs::symlink_status(folder, error)) && Mark::is_free_in(folder)) fs::remove_all(folder, error);
}

void put_folder(const fs::path& folder, const fs::path& place, const fs::path& path) {
  // Keep the permissions of the empty folder that is replaced.
  if (struct stat before{}; ::stat(place.c_str(), &before) == 0) ::chmod(folder.c_str(), before.st_mode & 07777);
  sync_files(folder);
  if (::rename(folder.c_str(), place.c_str()) != 0) fail_write(path, "put in place", errno);
  sync_folder(place.parent_path());
}

}  // namespace

bool is_temporary_name(std::string_view name) {
  if (name.size() < 1 + kMark.size() + kLetters || name.front() != '.') return false;
  const auto letters = name.substr(name.size() - kLetters);
  return name.substr(0, name.size() - kLetters).ends_with(kMark) &&
         std::all_of(letters.begin(), letters.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

TemporaryFile::TemporaryFile(const fs::path& path) : path_(path) {
  name_ = make_new(path, "create the file", [this](const fs::path& name) {
    descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return descriptor_ >= 0;
  });
  ::flock(descriptor_, LOCK_EX | LOCK_NB);  // without support for locks, leftovers stay
}

TemporaryFile::~TemporaryFile() {
  if (!name_.empty()) ::unlink(name_.c_str());
  ::close(descriptor_);
}

void TemporaryFile::put_in_place() {
  if (::fsync(descriptor_) != 0) fail_write(path_, "write to disk", errno);
  if (::rename(name_.c_str(), path_.c_str()) != 0) fail_write(path_, "put in place", errno);
  name_.clear();
  sync_folder(path_.parent_path());
}

void write_folder(const fs::path& path, const std::function<void(const fs::path& folder)>& fill) {
  const auto place = final_place(path);
  make_folder(place.parent_path());
  remove_leftover_folders(place);
  const auto folder =
      make_new(place, "create the folder", [](const fs::path& name) { return ::mkdir(name.c_str(), 0755) == 0; });
  try {
    {
      const Mark mark(folder);
      fill(folder);
    }
    put_folder(folder, place, path);
  } catch (const Error& error) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    throw Error(error.fault(), with_final_names(error.what(), folder.string(), path.string()));
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    throw;
  }
}

void refuse_held_folder(const std::string& place, const fs::path& path) {
  struct stat here{}, parent{}, current{};
  const auto folder = final_place(path);
  if (::stat(folder.c_str(), &here) != 0) return;
  if (::stat(".", &current) == 0 && here.st_dev == current.st_dev && here.st_ino == current.st_ino)
    fail(Fault::usage, "{}: is the working folder, which cannot be replaced; give a new folder inside it", place);
  if (::stat(folder.parent_path().c_str(), &parent) == 0 && here.st_dev != parent.st_dev)
    fail(Fault::usage, "{}: is a mount point, which cannot be replaced; give a new folder inside it", place);
}

void remove_leftovers(const fs::path& folder, std::string_view prefix) {
  for (const auto& name : temporaries_in(folder, prefix))
    if (Mark::is_free(name)) ::unlink(name.c_str());
}

}  // namespace duet
