#include "duet/cli/signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>

namespace duet {
namespace {

// A signal handler can use only globals.
std::atomic<int> caught = 0;
std::atomic<const char*> interrupt_message = nullptr;

void on_signal(int signal) {
  int none = 0;
  caught.compare_exchange_strong(none, signal);
  if (signal == SIGINT || signal == SIGTERM) {
    // A second one ends the process by the default action.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  } else {
    std::signal(signal, SIG_IGN);
  }
  if (const char* words = interrupt_message; words && signal != SIGPIPE) [[maybe_unused]]
    const auto written = ::write(STDERR_FILENO, words, std::strlen(words));
}

}  // namespace

bool hangup_is_ignored() {
  struct sigaction now{};
  return ::sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void restore_hangup(bool ignored) { std::signal(SIGHUP, ignored ? SIG_IGN : SIG_DFL); }

void catch_signals(const char* words) {
  interrupt_message = words;
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) std::signal(signal, on_signal);
  if (!hangup_is_ignored()) std::signal(SIGHUP, on_signal);
}

int caught_signal() { return caught; }

void note_broken_pipe() {
  int none = 0;
  caught.compare_exchange_strong(none, SIGPIPE);
}

void stop_if_asked() {
  if (const int signal = caught; signal != 0) throw Stopped{signal};
}

}  // namespace duet
