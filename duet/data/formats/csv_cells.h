#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace duet {

/// One cell of a table's text.
struct Cell {
  std::string_view text;  ///< without surrounding blanks and without its quotes
  size_t line = 1;        ///< 1-based, where it begins
  size_t column = 1;      ///< 1-based, in bytes
};

/// Splits text into records of cells by RFC 4180: a cell in double quotes may contain delimiters, line breaks and,
/// doubled, quotes. Lines end with LF, CRLF or CR; blank ones are skipped. With a blank as the delimiter, runs of
/// blanks count as one.
class CsvCells {
 public:
  /// `text` and `place` must outlive this object.
  CsvCells(std::string_view text, char delimiter, const std::string& place, size_t first_line = 1);
  /// The cells of the next record, valid until the next call; false at the end. Throws Error(data) with file:line:col
  /// for a quote that is never closed, and for text directly after one.
  bool next(std::vector<Cell>& cells);

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool at_line_end() const { return at_end() || text_[at_] == '\n' || text_[at_] == '\r'; }
  void skip_blanks();
  void end_line();
  Cell quoted_cell();
  Cell plain_cell();
  Cell here() const { return {{}, line_, at_ - line_begin_ + 1}; }

  std::string_view text_;
  char delimiter_;
  const std::string& place_;
  size_t at_ = 0, line_, line_begin_ = 0;
  std::deque<std::string> unquoted_;  // of the last record: cells that had quotes in them
};

/// A table's text without a byte order mark and without the line "sep=;" of spreadsheets.
struct CsvText {
  std::string_view text;
  size_t first_line = 1;
  char delimiter = ',';  ///< from that line, or the one of , ; tab | and blank that gives the most numbers
};
/// Throws Error(data) for UTF-16 and for binary data, with a way to convert it.
CsvText find_csv_text(std::string_view text, const std::string& place);

}  // namespace duet
