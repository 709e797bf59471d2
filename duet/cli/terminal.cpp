#include "duet/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "duet/core/columns.h"
#include "duet/core/text.h"

namespace duet {
namespace {

constexpr size_t kPipeColumns = 100, kUnknownColumns = 80, kMostPageColumns = 120, kLeastColumns = 20;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Terminal::Terminal(Standard stream) : fd_(static_cast<int>(stream)), is_terminal_(::isatty(fd_) != 0) {
  const auto kind = variable("TERM");
  redraws_ = is_terminal_ && !kind.empty() && kind != "dumb";
  escapes_ = redraws_ && variable("NO_COLOR").empty();
}

size_t Terminal::columns() const {
  if (!is_terminal_) return kPipeColumns;
  winsize size{};
  // A terminal whose size was never set reports 0.
  if (::ioctl(fd_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUnknownColumns;
  return std::max<size_t>(size.ws_col, kLeastColumns);
}

size_t page_columns() { return std::min(Terminal(Standard::output).columns(), kMostPageColumns); }

size_t line_columns() { return ::isatty(STDOUT_FILENO) ? page_columns() : std::numeric_limits<size_t>::max(); }

void StatusLine::begin_line() {
  if (drawn_ == 0) return;
  if (terminal_.takes_escapes())
    fmt::print(file(), "\r\033[K");
  else
    fmt::print(file(), "\r{}\r", std::string(std::min(drawn_, room()), ' '));
  drawn_ = 0;
}

void StatusLine::draw(const std::string& text) {
  if (!terminal_.redraws()) return;
  const auto shown = cut_to_columns(printable(text), room());
  begin_line();
  fmt::print(file(), "{}{}", terminal_.takes_escapes() ? "\r\033[K" : "", shown);
  std::fflush(file());
  drawn_ = std::max<size_t>(columns_of(shown), 1);
}

void StatusLine::clear() {
  if (drawn_ == 0) return;
  begin_line();
  std::fflush(file());
}

void StatusLine::print(const std::string& lines) {
  begin_line();
  fmt::print(file(), "{}", lines);
  std::fflush(file());
}

}  // namespace duet
