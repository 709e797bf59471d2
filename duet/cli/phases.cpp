#include "duet/cli/phases.h"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/columns.h"
#include "duet/core/text.h"

namespace duet {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);
constexpr auto kPatience = std::chrono::seconds(3);
constexpr size_t kWidth = 60;

}  // namespace

Phases::Phases() : watcher_([this] { watch(); }) {}

Phases::~Phases() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    status_.clear();
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
  printed_ = false;
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
  const auto shown = printable(text);
  status_.print(status_.terminal().redraws() ? wrapped(shown, {.columns = status_.room(), .rest = "  "})
                                             : shown + "\n");
}

void Phases::watch() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRedraw, [this] { return done_; }))
    if (!what_.empty()) show();
}

void Phases::show() {
  const auto elapsed = Steady::now() - begun_;
  if (status_.terminal().redraws()) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
    const auto share = share_ > 0 ? fmt::format("{:.0f} %, ", 100 * share_) : std::string();
    const auto rest = words_.empty() ? fmt::format("{}{} s", share, seconds) : words_;
    const auto room = status_.room() - std::min(status_.room(), rest.size() + 2);
    status_.draw(cut_to_columns(printable(what_), std::clamp<size_t>(room, 10, kWidth)) + ": " + rest);
  } else if (!printed_ && elapsed >= kPatience) {
    fmt::print(stderr, "{}\n", printable(what_));
    printed_ = true;
  }
}

}  // namespace duet
