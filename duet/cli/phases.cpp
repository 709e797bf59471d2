#include "duet/cli/phases.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace duet {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);
constexpr auto kPatience = std::chrono::seconds(3);
constexpr size_t kWidth = 60;

/// Of the terminal behind stderr.
size_t columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Phases::Phases() : terminal_(::isatty(STDERR_FILENO) != 0), watcher_([this] { watch(); }) {}

Phases::~Phases() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    clear();
  }
  changed_.notify_one();
  watcher_.join();
}

void Phases::begin(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (what == what_) return;
  what_ = what;
  share_ = 0;
  words_.clear();
  begun_ = Steady::now();
  told_ = false;
}

void Phases::progress(double share) {
  const std::lock_guard lock(mutex_);
  share_ = share;
}

void Phases::progress(const std::string& words) {
  const std::lock_guard lock(mutex_);
  words_ = words;
}

void Phases::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  clear();
  fmt::print(stderr, "{}\n", text);
}

void Phases::watch() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRedraw, [this] { return done_; }))
    if (!what_.empty()) show();
}

void Phases::show() {
  const auto elapsed = Steady::now() - begun_;
  if (terminal_) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
    const auto share = share_ > 0 ? fmt::format("{:.0f} %, ", 100 * share_) : std::string();
    const auto rest = words_.empty() ? fmt::format("{}{} s", share, seconds) : words_;
    // A line that is wider than the terminal cannot be redrawn.
    const auto room = std::min(kWidth, columns() - std::min(columns(), rest.size() + 3));
    const auto what = what_.size() <= room ? what_ : what_.substr(0, std::max<size_t>(room, 13) - 3) + "...";
    fmt::print(stderr, "\r\033[K{}: {}", what, rest);
    std::fflush(stderr);
    drawn_ = true;
  } else if (!told_ && elapsed >= kPatience) {
    fmt::print(stderr, "{}\n", what_);
    told_ = true;
  }
}

void Phases::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace duet
