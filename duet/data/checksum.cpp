#include "duet/data/checksum.h"

#include <openssl/evp.h>

#include <array>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/data/formats/gzip.h"

namespace duet {
namespace {

constexpr int64_t kMostContent = int64_t{4} << 30;

std::string digest(const EVP_MD* method, std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), value.data(), &length, method, nullptr) != 1)
    fail(Fault::internal, "this OpenSSL refuses the checksum; expected SHA-256 and MD5 to be available");
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", value[i]);
  return hex;
}

}  // namespace

std::string checksum_like(const std::string& expected, const std::filesystem::path& path) {
  const std::string form = expected.substr(0, expected.find(':'));
  const auto bytes = read_bytes(path, Fault::data);
  if (form == "sha256") return "sha256:" + digest(EVP_sha256(), bytes);
  if (form == "md5") return "md5:" + digest(EVP_md5(), bytes);
  if (form == "gunzip-sha256") {
    const auto content = gunzip(bytes, kMostContent, path.string());
    return "gunzip-sha256:" + digest(EVP_sha256(), content.bytes) + (content.complete ? "" : " (cut short)");
  }
  fail(Fault::internal, "checksum '{}'; expected sha256:, md5: or gunzip-sha256:", expected);
}

}  // namespace duet
