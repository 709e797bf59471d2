#include "duet/data/formats/csv.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/lower.h"
#include "duet/core/memory_size.h"
#include "duet/data/formats/csv_cells.h"
#include "duet/data/formats/csv_columns.h"
#include "duet/data/formats/csv_labels.h"
#include "duet/data/formats/csv_number.h"
#include "duet/data/formats/gzip.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

bool names_label(std::string_view text) {
  const auto name = lower(text);
  return name == "label" || name == "class" || name == "y" || name == "target";
}

/// Texts used for missing numbers.
bool says_missing(std::string_view text) {
  const auto name = lower(text);
  return name == "na" || name == "n/a" || name == "null" || name == "none" || name == "?" || name == "-";
}

/// A number, or something meant as one that is refused as such.
bool is_meant_as_number(std::string_view text) { return csv_number(text) || !csv_number_advice(text).empty(); }

std::string read_plain(const fs::path& path) {
  const auto bytes = read_bytes(path, Fault::data);
  if (!looks_like_gzip(bytes)) return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const auto plain = gunzip(bytes, machine_memory_bytes() / 4, path.string());
  if (!plain.complete)
    fail(Fault::data,
         "{}: compressed text that is cut short, or too large for this machine's memory; get it again, or "
         "leave out rows",
         path.string());
  return {reinterpret_cast<const char*>(plain.bytes.data()), plain.bytes.size()};
}

/// Reads one file record by record into a table.
class Reader {
 public:
  explicit Reader(const fs::path& path) : file_(path.string()), content_(read_plain(path)) {}

  Table read() {
    const auto text = find_csv_text(content_, file_);
    delimiter_ = text.delimiter;
    CsvCells records(text.text, delimiter_, file_, text.first_line);
    while (records.next(cells_)) take();
    if (table_.rows == 0) fail(Fault::data, "{}: no rows of numbers; expected comma-separated numbers", file_);
    if (label_) labels_.finish(table_, file_, label_name_);
    tell_form();
    tidy_columns(table_, has_header_ ? 0 : 1);
    return std::move(table_);
  }

 private:
  void take() {
    const bool first = width_ == 0;
    if (first) {
      begins_with_comment_ = cells_[0].text.starts_with('#');
      // A header of NumPy, where blanks separate the columns.
      if (cells_.size() > 1 && cells_[0].text == "#") cells_.erase(cells_.begin());
      width_ = cells_.size();
      has_header_ = take_header();
      table_.columns = static_cast<int64_t>(width_ - (label_ ? 1 : 0));
      if (has_header_) return;
    }
    if (cells_.size() != width_)
      refuse(cells_.back(), fmt::format("{} cell{} in this row, the first row has {}; every row needs as many{}",
                                        cells_.size(), cells_.size() == 1 ? "" : "s", width_, form_hint()));
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (label_ && i == *label_)
        labels_.add(cells_[i], file_);
      else
        table_.numbers.push_back(take_number(cells_[i], i));
    }
    ++table_.rows;
  }

  /// Comments are read as rows; decimal commas without quotes make separate cells.
  const char* form_hint() const {
    const bool comment = cells_[0].text.starts_with('#');
    if (comment || begins_with_comment_)
      return comment ? ", and a line that begins with # is not a comment here; remove it"
                     : ", and the first, which begins with #, is not a comment here; remove it";
    return delimiter_ == ',' && cells_.size() > width_ ? ", and a comma inside a cell needs quotes around it" : "";
  }

  /// A line with text is the header if nothing in it is a number, if it names the label column, if its first cell is
  /// empty (above an index), or if its numbers are names that count.
  bool take_header() {
    size_t numbers = 0;
    for (size_t i = 0; i < cells_.size(); ++i) {
      numbers += is_meant_as_number(cells_[i].text);
      if (!names_label(cells_[i].text) || is_coordinate(i)) continue;
      if (label_) refuse(cells_[i], "a second label column; expected at most one of label, class, y, target");
      label_ = i;
    }
    const bool all_empty =
        std::all_of(cells_.begin(), cells_.end(), [](const Cell& cell) { return cell.text.empty(); });
    const bool over_index = cells_.size() > 1 && cells_[0].text.empty();
    if (all_empty || (!label_ && numbers > 0 && !over_index && !has_counting_names())) return false;
    if (label_ && cells_.size() == 1) refuse(cells_[0], "only labels; expected at least one column of numbers");
    take_names();
    return true;
  }

  void take_names() {
    for (size_t i = 0; i < cells_.size(); ++i) {
      std::string name(cells_[i].text);
      // NumPy's header begins like a comment.
      if (i == 0 && name.starts_with('#')) name.erase(0, name.find_first_not_of("# "));
      std::replace_if(name.begin(), name.end(), [](unsigned char letter) { return std::iscntrl(letter); }, ' ');
      if (label_ && i == *label_)
        label_name_ = name;
      else
        table_.names.push_back(name);
    }
  }

  /// Names like "id,2019,2020,2021": consecutive numbers and words.
  bool has_counting_names() const {
    std::vector<double> numbers;
    for (const auto& cell : cells_) {
      if (const auto value = csv_number(cell.text))
        numbers.push_back(*value);
      else if (cell.text.empty() || !std::isalpha(static_cast<unsigned char>(cell.text[0])) || says_missing(cell.text))
        return false;
    }
    for (size_t i = 1; i < numbers.size(); ++i)
      if (numbers[i] != numbers[i - 1] + 1) return false;
    return numbers.size() > 1 && numbers.size() < cells_.size() && numbers[0] >= 0 &&
           numbers[0] == std::floor(numbers[0]);
  }

  /// "y" next to a column "x" is a coordinate.
  bool is_coordinate(size_t i) const {
    return lower(cells_[i].text) == "y" &&
           std::any_of(cells_.begin(), cells_.end(), [](const Cell& cell) { return lower(cell.text) == "x"; });
  }

  float take_number(const Cell& cell, size_t column) {
    // As double first, because a float cannot distinguish a number too small for it (which becomes 0) from text.
    auto value = csv_number(cell.text);
    if (!value && delimiter_ == ';') value = decimal_comma_number(cell.text);
    if (!value) refuse_cell(cell, column);
    if (delimiter_ == ';') check_decimals(cell);
    const auto single = static_cast<float>(*value);
    if (!std::isfinite(single))
      refuse(cell, fmt::format("'{}'; expected a finite float32 number; fill it in, or leave the row or the "
                               "column out",
                               shown(cell)));
    return single;
  }

  /// "1.500" next to "0,5" has a thousands separator.
  void check_decimals(const Cell& cell) {
    const bool comma = cell.text.find(',') != std::string_view::npos;
    if (!comma && cell.text.find('.') == std::string_view::npos) return;
    auto& own = comma ? with_comma_ : with_point_;
    const auto& other = comma ? with_point_ : with_comma_;
    if (own.empty()) own = fmt::format("{}:{}", cell.line, cell.column);
    if (!other.empty())
      refuse(cell, fmt::format("'{}' has a decimal {}, and the cell at {} a {}; expected one kind; write them alike",
                               shown(cell), comma ? "comma" : "point", other, comma ? "point" : "comma"));
  }

  [[noreturn]] void refuse_cell(const Cell& cell, size_t column) const {
    if (cell.text.empty())
      refuse(cell, "an empty cell; expected a number; fill it in, or leave the row or the column out");
    if (says_missing(cell.text))
      refuse(cell,
             fmt::format(
                 "'{}' is not a number; expected one in every cell; fill it in, or leave the row or the column out",
                 shown(cell)));
    for (const auto& advice : {csv_number_advice(cell.text), csv_text_advice(cell.text)})
      if (!advice.empty()) refuse(cell, advice);
    refuse(cell,
           fmt::format("'{}' is not a number; expected comma-separated numbers{}", shown(cell), class_hint(column)));
  }

  std::string class_hint(size_t column) const {
    if (label_) return "";
    if (!has_header_) return "; names of classes are read below a first line that names their column label";
    return fmt::format("; names of classes are read if their column is named label, and not '{}'",
                       table_.names[column]);
  }

  /// Properties of the file that a reader may not expect.
  void tell_form() {
    const char* name = delimiter_ == ';' ? "semicolons" : delimiter_ == '|' ? "bars" : "blanks";
    if (delimiter_ != ',' && delimiter_ != '\t')
      table_.reading.push_back(fmt::format("columns are separated by {}{}", name,
                                           with_comma_.empty() ? "" : ", and decimals have a comma (0,5 is a half)"));
    if (label_) table_.reading.push_back(fmt::format("labels: column '{}'", label_name_));
  }

  static std::string_view shown(const Cell& cell) { return cell.text.substr(0, 40); }

  [[noreturn]] void refuse(const Cell& cell, const std::string& what) const {
    fail(Fault::data, "{}:{}:{}: {}", file_, cell.line, cell.column, what);
  }

  const std::string file_, content_;
  char delimiter_ = ',';
  Table table_;
  std::vector<Cell> cells_;  // reused from record to record
  CsvLabels labels_;
  std::optional<size_t> label_;
  std::string label_name_;
  std::string with_comma_, with_point_;  // place of the first of each kind
  size_t width_ = 0;
  bool has_header_ = false, begins_with_comment_ = false;
};

}  // namespace

Table read_csv(const fs::path& path) { return Reader(path).read(); }

}  // namespace duet
