#include "duet/data/formats/csv_cells.h"

#include <algorithm>
#include <array>

#include "duet/core/error.h"
#include "duet/core/shell.h"
#include "duet/data/formats/csv_number.h"

namespace duet {
namespace {

bool is_blank(char letter) { return letter == ' ' || letter == '\t'; }

void trim_end(std::string_view& text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
}

}  // namespace

CsvCells::CsvCells(std::string_view text, char delimiter, const std::string& place, size_t first_line)
    : text_(text), delimiter_(delimiter), place_(place), line_(first_line) {}

void CsvCells::skip_blanks() {
  while (!at_end() && is_blank(text_[at_]) && text_[at_] != delimiter_) ++at_;
  if (delimiter_ == ' ')
    while (!at_end() && is_blank(text_[at_])) ++at_;
}

void CsvCells::end_line() {
  if (at_end()) return;
  at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
  ++line_;
  line_begin_ = at_;
}

Cell CsvCells::plain_cell() {
  Cell cell = here();
  const size_t begin = at_;
  const bool blank = delimiter_ == ' ';
  while (!at_line_end() && !(blank ? is_blank(text_[at_]) : text_[at_] == delimiter_)) ++at_;
  cell.text = text_.substr(begin, at_ - begin);
  trim_end(cell.text);
  return cell;
}

Cell CsvCells::quoted_cell() {
  Cell cell = here();
  const size_t begin = ++at_;
  bool doubled = false;
  for (;; ++at_) {
    if (at_end())
      fail(Fault::data, "{}:{}:{}: a quote is opened here and never closed; expected \" at the cell's end; add it",
           place_, cell.line, cell.column);
    if (text_[at_] == '"') {
      if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
      doubled = true;
      ++at_;
    } else if (text_[at_] == '\n' || (text_[at_] == '\r' && !text_.substr(at_).starts_with("\r\n"))) {
      ++line_;
      line_begin_ = at_ + 1;
    }
  }
  cell.text = text_.substr(begin, at_ - begin);
  ++at_;
  if (doubled) {
    auto& plain = unquoted_.emplace_back();
    for (size_t i = 0; i < cell.text.size(); ++i) {
      plain += cell.text[i];
      if (cell.text[i] == '"') ++i;
    }
    cell.text = plain;
  }
  // Blanks around quotes are not part of a number or name either.
  while (!cell.text.empty() && is_blank(cell.text.front())) cell.text.remove_prefix(1);
  trim_end(cell.text);
  return cell;
}

bool CsvCells::next(std::vector<Cell>& cells) {
  cells.clear();
  unquoted_.clear();
  // Blank lines contain no record.
  for (;;) {
    size_t end = at_;
    while (end < text_.size() && is_blank(text_[end])) ++end;
    if (end == text_.size()) return false;
    if (text_[end] != '\n' && text_[end] != '\r') break;
    at_ = end;
    end_line();
  }
  for (;;) {
    skip_blanks();
    if (delimiter_ == ' ' && at_line_end()) break;
    const bool quoted = !at_end() && text_[at_] == '"';
    cells.push_back(quoted ? quoted_cell() : plain_cell());
    if (quoted && delimiter_ != ' ') skip_blanks();
    if (at_line_end()) break;
    if (quoted && text_[at_] != delimiter_ && !(delimiter_ == ' ' && is_blank(text_[at_])))
      fail(Fault::data,
           "{}:{}:{}: text behind a closing quote; expected the end of the cell; write \"\" for a quote inside one",
           place_, line_, at_ - line_begin_ + 1);
    ++at_;
  }
  end_line();
  return true;
}

namespace {

/// How well a delimiter splits the first records into numbers: their share; below 0 if it splits nothing.
double share_of_numbers(std::string_view text, char delimiter, const std::string& place) {
  constexpr int kRecords = 20;
  CsvCells records(text, delimiter, place);
  std::vector<Cell> cells;
  size_t widest = 0, numbers = 0, all = 0;
  try {
    for (int i = 0; i < kRecords && records.next(cells); ++i) {
      widest = std::max(widest, cells.size());
      // The first record may be a header.
      if (i == 1) numbers = all = 0;
      all += cells.size();
      for (const auto& cell : cells) numbers += csv_number(cell.text) || decimal_comma_number(cell.text);
    }
  } catch (const Error&) {
    return -1;  // reported when the table is read
  }
  return widest < 2 ? -1 : static_cast<double>(numbers) / static_cast<double>(all);
}

char find_delimiter(std::string_view text, const std::string& place) {
  char best = ',';
  double share = share_of_numbers(text, best, place);
  for (const char delimiter : {';', '\t', '|', ' '})
    if (const double other = share_of_numbers(text, delimiter, place); other > share) best = delimiter, share = other;
  return best;
}

/// Encoding by its byte order mark or, because digits and delimiters are one byte of two or four, by the positions of
/// zeros; "" for none.
std::string wide_encoding(std::string_view text) {
  using namespace std::string_view_literals;
  if (text.starts_with("\xff\xfe\0\0"sv) || text.starts_with("\0\0\xfe\xff"sv)) return "UTF-32";
  if (text.starts_with("\xff\xfe"sv) || text.starts_with("\xfe\xff"sv)) return "UTF-16";
  const auto start = text.substr(0, 4096);
  std::array<size_t, 4> zeros{};
  for (size_t i = 0; i < start.size(); ++i) zeros[i % 4] += start[i] == '\0';
  if (start.find_first_of("0123456789") == std::string_view::npos) return "";
  const auto mostly = [&](size_t place) { return 8 * zeros[place] > start.size(); };  // of a quarter of the bytes
  if (mostly(1) && mostly(2)) return mostly(3) ? "UTF-32LE" : mostly(0) ? "UTF-32BE" : "";
  if (mostly(1) && mostly(3)) return "UTF-16LE";
  return mostly(0) && mostly(2) ? "UTF-16BE" : "";
}

}  // namespace

CsvText find_csv_text(std::string_view text, const std::string& place) {
  if (const auto encoding = wide_encoding(text); !encoding.empty())
    fail(Fault::data,
         "{0}: is {1} text, as spreadsheets save \"Unicode text\"; expected UTF-8; save it as \"CSV UTF-8\", or "
         "convert it: iconv -f {2} -t UTF-8 {3} > new.csv",
         place, encoding.substr(0, 6), encoding, shell_quoted(place));
  if (text.substr(0, 4096).find('\0') != std::string_view::npos)
    fail(Fault::data, "{}: contains zero bytes, so it is not text; expected comma-separated numbers; check its format",
         place);
  CsvText found{text};
  if (text.starts_with("\xef\xbb\xbf")) found.text.remove_prefix(3);  // byte order mark, as spreadsheets write it
  const auto line = found.text.substr(0, found.text.find_first_of("\r\n"));
  if (line.size() == 5 && (line.starts_with("sep=") || line.starts_with("SEP="))) {
    found.delimiter = line[4];
    found.text.remove_prefix(line.size());
    return found;
  }
  found.delimiter = find_delimiter(found.text, place);
  return found;
}

}  // namespace duet
