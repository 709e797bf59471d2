#pragma once

#include <pty.h>
#include <sys/ioctl.h>

#include <functional>

#include "duet/core/columns.h"
#include "tests/cli/program.h"
#include "tests/places.h"

namespace duet {

/// What a terminal shows of a program's output, line by line: records every state of its last line.
class Screen {
 public:
  void write(std::string_view text) {
    for (size_t at = 0; at < text.size(); ++at) {
      const char letter = text[at];
      if (letter == '\033' && text.substr(at, 3) == "\033[K") {
        line_ = line_.substr(0, place_);
        at += 2;
      } else if (letter == '\r') {
        keep();
        place_ = 0;
      } else if (letter == '\n') {
        keep();
        lines.push_back(line_);
        line_.clear();
        place_ = 0;
      } else {
        if (letter == '\033') ++escapes;
        if (place_ < line_.size()) line_.erase(place_, 1);
        line_.insert(place_++, 1, letter);
      }
    }
    keep();
  }
  /// Lines that stayed.
  std::vector<std::string> lines;
  /// All states of the last line before it was redrawn.
  std::vector<std::string> drawn;
  int escapes = 0;  ///< not supported here

  size_t widest() const {
    size_t most = 0;
    for (const auto& line : drawn) most = std::max(most, columns_of(line.substr(0, line.find_last_not_of(' ') + 1)));
    return most;
  }

 private:
  void keep() {
    if (!line_.empty() && (drawn.empty() || drawn.back() != line_)) drawn.push_back(line_);
  }
  std::string line_;
  size_t place_ = 0;
};

/// Options for running a program in a terminal.
struct TerminalRun {
  int columns = 80;
  std::vector<std::pair<std::string, std::string>> environment{{"TERM", "xterm"}};
  /// Called with all output so far and the terminal's file whenever there is new output.
  std::function<void(const std::string& so_far, int terminal)> watch{};
};

class CliInTerminal : public Cli {
 protected:
  /// Runs the program in a terminal; returns its output, and its exit status in `status`.
  std::string run(const std::vector<std::string>& arguments, const TerminalRun& how = {}) {
    winsize size{};
    size.ws_row = 24;
    size.ws_col = static_cast<unsigned short>(how.columns);
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (child == 0) become(arguments, how);
    std::string text;
    char part[4096];
    for (ssize_t count = 0; (count = ::read(terminal, part, sizeof part)) > 0;) {
      text.append(part, static_cast<size_t>(count));
      if (how.watch) how.watch(text, terminal);
    }
    ::close(terminal);
    status = exit_of(child);
    return text;
  }
  static void resize(int terminal, int columns) {
    winsize size{};
    size.ws_row = 24;
    size.ws_col = static_cast<unsigned short>(columns);
    ::ioctl(terminal, TIOCSWINSZ, &size);
  }
  int status = -1;

 private:
  [[noreturn]] void become(const std::vector<std::string>& arguments, const TerminalRun& how) const {
    if (::chdir(folder_.path().c_str()) != 0) ::_exit(126);
    ::unsetenv("NO_COLOR");
    ::setenv("DUET_RECIPES", ".", 1);
    for (const auto& [name, value] : how.environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> words{const_cast<char*>(program_path())};
    for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(program_path(), words.data());
    ::_exit(127);
  }
};

}  // namespace duet
