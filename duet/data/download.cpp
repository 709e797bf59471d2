#include "duet/data/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

constexpr long kPartialContent = 206, kRangeNotSatisfiable = 416;

/// State of curl's callbacks, which are C and must not throw.
struct Sink {
  const Download& request;
  std::FILE* file;
  int64_t before;  ///< bytes in the file when the transfer began
  int64_t bytes;   ///< bytes in the file now
  int write_error = 0;
  bool too_long = false;
};

size_t write_block(char* data, size_t, size_t size, void* user) {
  auto& sink = *static_cast<Sink*>(user);
  if (std::fwrite(data, 1, size, sink.file) != size) {
    sink.write_error = errno;
    return 0;
  }
  sink.bytes += static_cast<int64_t>(size);
  sink.too_long = sink.request.most_bytes > 0 && sink.bytes > sink.request.most_bytes;
  return sink.too_long ? 0 : size;
}

int report(void* user, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
  const auto& sink = *static_cast<Sink*>(user);
  if (sink.request.progress) sink.request.progress(sink.bytes, total > 0 ? sink.before + total : 0);
  return 0;
}

void set_options(CURL* curl, const Download& request, Sink& sink, char* message) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "duet");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.patience_seconds));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write_block);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, report);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &sink);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (sink.before > 0) curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(sink.before));
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// Opens the partial file for this process alone, to append to it. A link with that name is not a partial file.
File open_part(const fs::path& part) {
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (descriptor < 0) fail_write(part, "write", errno);
  File file(::fdopen(descriptor, "ab"), std::fclose);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    fail(Fault::device, "{}: another process is downloading this file; wait for it, or stop it", part.string());
  return file;
}

/// One transfer that appends to the file of the sink.
struct Outcome {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string reason;
};

Outcome transfer(const Download& request, Sink& sink) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) fail(Fault::internal, "libcurl cannot start");
  char message[CURL_ERROR_SIZE] = "";
  set_options(curl.get(), request, sink, message);
  Outcome outcome;
  outcome.code = curl_easy_perform(curl.get());
  outcome.reason = *message ? message : curl_easy_strerror(outcome.code);
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &outcome.status);
  return outcome;
}

}  // namespace

std::string download(const Download& request) {
  const auto file = open_part(request.part);
  struct stat about{};
  if (::fstat(::fileno(file.get()), &about) != 0) fail_write(request.part, "write", errno);
  const int64_t before = about.st_size;
  Sink sink{request, file.get(), before, before};
  Outcome outcome = transfer(request, sink);
  // Nothing is missing: an earlier attempt received the last byte and was stopped afterwards.
  if (before > 0 && outcome.status == kRangeNotSatisfiable) return "";
  if (before > 0 && outcome.code == CURLE_RANGE_ERROR && outcome.status != kPartialContent) {
    if (std::fflush(file.get()) != 0 || ::ftruncate(::fileno(file.get()), 0) != 0)
      fail_write(request.part, "write", errno);
    sink.before = sink.bytes = 0;
    outcome = transfer(request, sink);
  }
  if (sink.write_error != 0) fail_write(request.part, "write", sink.write_error);
  // Sync before the caller renames the file.
  if (std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) fail_write(request.part, "write", errno);
  if (sink.too_long) return "";  // the caller checks the size
  return outcome.code == CURLE_OK ? "" : outcome.reason;
}

}  // namespace duet
