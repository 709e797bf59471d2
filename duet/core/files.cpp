#include "duet/core/files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>
#include <utility>

#include "duet/core/error.h"
#include "duet/core/temporary.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

/// Owns a file descriptor.
struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

void write_all(int fd, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_write(path, "write", errno);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

/// What the user can do about a failed write.
const char* remedy_for(int error) {
  switch (error) {
    case ENOSPC:
    case EFBIG:
    case EDQUOT:
      return "free some space or choose another folder";
    case ENAMETOOLONG:
      return "choose a shorter name";
    case ELOOP:
      return "symbolic links form a loop here: remove one, or choose another name";
    case ENOTDIR:
      return "a parent of this path is a file: choose another path";
    case ENOENT:
      return "make the folder first, or choose another";
    case EISDIR:
      return "a folder has this name: move it away, or choose another name";
    case ENOTEMPTY:
      return "a folder with something in it has this name: choose another name";
    default:
      return "check that the folder can be written";
  }
}

}  // namespace

std::vector<std::byte> read_bytes(const fs::path& path, Fault fault) {
  std::error_code error;
  if (fs::is_directory(path, error)) fail(fault, "{}: is a folder, expected a file", path.string());
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) fail(fault, "{}: cannot read: {}", path.string(), std::strerror(errno));
  if (in.tellg() < 0) fail(fault, "{}: is {}, expected a file", path.string(), kind_of(path));
  std::vector<std::byte> bytes(static_cast<size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) fail(fault, "{}: cannot read {} bytes: {}", path.string(), bytes.size(), std::strerror(errno));
  return bytes;
}

std::string read_text(const fs::path& path, Fault fault) {
  const auto bytes = read_bytes(path, fault);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void fail_write(const fs::path& path, const char* action, int error) {
  fail(Fault::device, "{}: cannot {}: {}; {}", path.string(), action, std::strerror(error), remedy_for(error));
}

void write_atomic(const fs::path& path, const std::vector<std::span<const std::byte>>& pieces) {
  TemporaryFile file(path);
  for (const auto& piece : pieces) write_all(file.descriptor(), piece, path);
  file.put_in_place();
}

void write_atomic(const fs::path& path, std::span<const std::byte> bytes) {
  write_atomic(path, std::vector<std::span<const std::byte>>{bytes});
}

void write_atomic(const fs::path& path, std::string_view text) {
  write_atomic(path, std::as_bytes(std::span(text.data(), text.size())));
}

void write_plain(const fs::path& path, std::span<const std::byte> bytes) {
  Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (file.fd < 0) fail_write(path, "create the file", errno);
  write_all(file.fd, bytes, path);
  // Some file systems report a full disk only here.
  if (::close(std::exchange(file.fd, -1)) != 0) fail_write(path, "write", errno);
}

void sync_files(const fs::path& folder) {
  const Descriptor here{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (here.fd >= 0 && ::syncfs(here.fd) != 0) fail_write(folder, "write to disk", errno);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail_write(path, "create the folder", error.value());
}

fs::path end_of_links(const fs::path& path) {
  constexpr int kMostLinks = 40;  // the system's own limit
  std::error_code error;
  fs::path end = path;
  for (int links = 0; fs::is_symlink(end, error); ++links) {
    if (links == kMostLinks) fail_write(path, "follow the link", ELOOP);
    const auto target = fs::read_symlink(end, error);
    if (error) fail_write(path, "follow the link", error.value());
    end = end.parent_path() / target;
  }
  return end;
}

void check_can_make(const fs::path& name) {
  const auto path = end_of_links(name);
  for (const auto& part : path)
    if (part.string().size() > NAME_MAX) fail_write(path, "create the file", ENAMETOOLONG);
  // The nearest parent that exists.
  std::error_code error;
  fs::path parent = fs::absolute(path, error).lexically_normal();
  if (error) fail_write(path, "create the file", error.value());
  struct stat about{};
  do {
    if (parent == parent.root_path()) break;
    parent = parent.parent_path();
  } while (::stat(parent.c_str(), &about) != 0 && (errno == ENOENT || errno == ENOTDIR));
  if (::stat(parent.c_str(), &about) != 0) fail_write(path, "create the file", errno);
  if (!S_ISDIR(about.st_mode)) fail_write(path, "create the file", ENOTDIR);
  if (::access(parent.c_str(), W_OK | X_OK) != 0) fail_write(path, "create the file", errno);
}

std::string kind_of(const fs::path& path) {
  std::error_code error;
  switch (fs::status(path, error).type()) {
    case fs::file_type::none:
    case fs::file_type::not_found:
      return "";
    case fs::file_type::directory:
      return "a folder";
    case fs::file_type::regular:
      return "a file";
    case fs::file_type::fifo:
      return "a pipe";
    case fs::file_type::socket:
      return "a socket";
    default:
      return "a device";
  }
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha256(), nullptr) != 1)
    throw Error(Fault::internal, "SHA-256 is not available in this OpenSSL");
}

Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

void Sha256::update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest.data(), &length);
  std::string text;
  for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace duet
