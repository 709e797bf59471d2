#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace duet {

/// A standard stream that a program writes to.
enum class Standard : int { output = 1, error = 2 };

/// Properties of the terminal, pipe or file behind a stream.
class Terminal {
 public:
  explicit Terminal(Standard stream);

  /// Whether a line can be redrawn: a terminal that TERM does not call dumb.
  bool redraws() const { return redraws_; }
  /// Whether it supports escape sequences and NO_COLOR (no-color.org) does not ask for plain text.
  bool takes_escapes() const { return escapes_; }
  /// Columns of a line, queried by every call since a window may be resized; 100 for a pipe or file.
  size_t columns() const;

 private:
  int fd_;
  bool is_terminal_, redraws_, escapes_;
};

/// Columns to which prose and tables on stdout are wrapped: those of the terminal up to 120, because longer lines are
/// hard to read; 100 in a pipe or file.
size_t page_columns();

/// Columns to which single lines on stdout are wrapped: page_columns() on a terminal; unlimited in a pipe or file, so
/// that programs find a line in one piece.
size_t line_columns();

/// The last line of a terminal, redrawn repeatedly. Shows nothing where a line cannot be redrawn.
class StatusLine {
 public:
  explicit StatusLine(Standard stream) : stream_(stream), terminal_(stream) {}
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  const Terminal& terminal() const { return terminal_; }
  /// Columns of the line: one less than the terminal has, because some terminals break the line at the last column.
  size_t room() const { return terminal_.columns() - 1; }
  /// Replaces the line; text that does not fit is cut.
  void draw(const std::string& text);
  /// Removes the line, so that others may print.
  void clear();
  /// Prints lines that stay (with their line ends) in place of the status line.
  void print(const std::string& lines);

 private:
  std::FILE* file() const { return stream_ == Standard::output ? stdout : stderr; }
  void begin_line();

  Standard stream_;
  Terminal terminal_;
  size_t drawn_ = 0;  ///< columns of the line that is shown
};

}  // namespace duet
