#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace duet {

/// One of the streams that a program writes to.
enum class Standard : int { output = 1, error = 2 };

/// What stands behind it.
class Terminal {
 public:
  explicit Terminal(Standard stream);

  /// Whether a line can be drawn anew: a terminal, and not one that its TERM calls dumb.
  bool redraws() const { return redraws_; }
  /// Whether it understands escape sequences and NO_COLOR (no-color.org) does not ask for plain text.
  bool takes_escapes() const { return escapes_; }
  /// Columns of a line, asked anew by every call since a window may be resized; 100 for a pipe or file.
  size_t columns() const;

 private:
  int fd_;
  bool is_terminal_, redraws_, escapes_;
};

/// Columns that prose and tables on stdout are wrapped to: the terminal's up to 120, which is as wide as prose reads
/// well; 100 in a pipe or file.
size_t page_columns();

/// Columns that single lines on stdout are wrapped to: page_columns() on a terminal; none in a pipe or file, whose
/// readers look for them as they are.
size_t line_columns();

/// The last line of a terminal, drawn again and again. Nothing is shown where a line cannot be redrawn.
class StatusLine {
 public:
  explicit StatusLine(Standard stream) : stream_(stream), terminal_(stream) {}
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  const Terminal& terminal() const { return terminal_; }
  /// Columns that a line may take: one less than the terminal has, for some break the line at the last.
  size_t room() const { return terminal_.columns() - 1; }
  /// Shows a line in place of the one before; what has no room is cut.
  void draw(const std::string& text);
  /// Takes it away, so that others may write.
  void clear();
  /// Writes lines that stay, which end by themselves, in place of the status line.
  void print(const std::string& lines);

 private:
  std::FILE* file() const { return stream_ == Standard::output ? stdout : stderr; }
  void begin_line();

  Standard stream_;
  Terminal terminal_;
  size_t drawn_ = 0;  ///< columns of the line that stands there
};

}  // namespace duet
