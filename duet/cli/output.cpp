#include "duet/cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "duet/core/error.h"

namespace duet {
namespace {

/// A standard stream, and the first error on it.
struct Channel {
  int descriptor;
  std::atomic<int> error = 0;
};

struct Output {
  Channel out{STDOUT_FILENO}, error{STDERR_FILENO};
  bool is_log = false;
  std::function<void()> broken;
};

Output& output() {
  static Output one;
  return one;
}

/// Waits for a slow reader of a non-blocking pipe.
bool can_wait(int descriptor) {
  pollfd ready{descriptor, POLLOUT, 0};
  return errno == EINTR || (errno == EAGAIN && ::poll(&ready, 1, -1) >= 0);
}

/// Always reports success: otherwise fmt throws wherever a line is printed.
ssize_t write_channel(void* cookie, const char* text, size_t size) {
  auto& channel = *static_cast<Channel*>(cookie);
  for (size_t at = 0; at < size;) {
    const ssize_t written = ::write(channel.descriptor, text + at, size - at);
    if (written < 0 && can_wait(channel.descriptor)) continue;
    if (written < 0) {
      int none = 0;
      const int error = errno;
      channel.error.compare_exchange_strong(none, error);
      if (error == EPIPE && output().broken) output().broken();
      break;
    }
    at += static_cast<size_t>(written);
  }
  return static_cast<ssize_t>(size);
}

std::FILE* open_channel(Channel& channel, int buffering) {
  std::FILE* file = ::fopencookie(&channel, "w", {nullptr, write_channel, nullptr, nullptr});
  if (file) std::setvbuf(file, nullptr, buffering, BUFSIZ);
  return file;
}

}  // namespace

void reserve_standard_streams() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) {
      // open() returns the lowest free number, which is this one.
      [[maybe_unused]] const int opened = ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

void guard_output() {
  reserve_standard_streams();
  // Readers of a pipe or log see each line as soon as it is written.
  if (auto* file = open_channel(output().out, _IOLBF)) stdout = file;
  if (auto* file = open_channel(output().error, _IONBF)) stderr = file;
}

void output_is_a_log(std::function<void()> broken) {
  output().is_log = true;
  output().broken = std::move(broken);
}

int finish_output(int status) {
  std::fflush(stdout);
  const int error = output().out.error;
  if (status != 0 || error == 0 || output().is_log) return status;
  if (error == EPIPE) return 128 + SIGPIPE;
  fmt::print(stderr, "duet: stdout: cannot be written: {}; the output is incomplete; {}\n",
             error == EBADF ? "it is closed" : std::strerror(error),
             error == ENOSPC ? "free some space, or send it elsewhere" : "send it elsewhere, as in > FILE");
  return static_cast<int>(Fault::device);
}

}  // namespace duet
