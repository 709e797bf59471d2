#include "duet/data/csv.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "duet/core/error.h"
#include "duet/core/files.h"

namespace duet {
namespace fs = std::filesystem;
namespace {

struct Cell {
  std::string_view text;  ///< without blanks and quotes around it
  size_t column = 1;      ///< 1-based, in bytes
};

std::string_view trimmed(std::string_view text) {
  const auto outer = [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r' || letter == '"'; };
  while (!text.empty() && outer(text.front())) text.remove_prefix(1);
  while (!text.empty() && outer(text.back())) text.remove_suffix(1);
  return text;
}

void split_line(std::string_view line, std::vector<Cell>& cells) {
  cells.clear();
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find(',', begin), line.size());
    cells.push_back({trimmed(line.substr(begin, end - begin)), begin + 1});
    begin = end + 1;
  }
}

template <class T>
std::optional<T> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

bool names_label(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return lower == "label" || lower == "class" || lower == "y" || lower == "target";
}

/// Reads one file line by line into a table.
class Reader {
 public:
  explicit Reader(const fs::path& path) : path_(path) {}

  Table read() {
    const std::string text = read_text(path_, Fault::data);
    std::string_view rest(text);
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);  // a byte order mark, as spreadsheets write it
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      ++line_;
      const std::string_view line = rest.substr(0, end);
      if (!trimmed(line).empty()) take(line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (table_.rows == 0) fail(Fault::data, "{}: no rows of numbers; expected comma-separated numbers", path_.string());
    return std::move(table_);
  }

 private:
  void take(std::string_view line) {
    split_line(line, cells_);
    const bool first = width_ == 0;
    if (first) {
      width_ = cells_.size();
      if (take_header()) return;
      table_.columns = static_cast<int64_t>(width_);
    }
    if (cells_.size() != width_)
      refuse(cells_.back(),
             fmt::format("{} cells in this row, the first row has {}; every row needs as many", cells_.size(), width_));
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (label_ && i == *label_)
        table_.labels.push_back(take_label(cells_[i]));
      else
        table_.numbers.push_back(take_number(cells_[i]));
    }
    ++table_.rows;
  }

  /// A line with text is the header if nothing in it is a number, or if it names the label column.
  bool take_header() {
    size_t texts = 0;
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (!number<double>(cells_[i].text)) ++texts;
      if (!names_label(cells_[i].text) || is_coordinate(i)) continue;
      if (label_) refuse(cells_[i], "a second label column; expected at most one of label, class, y, target");
      label_ = i;
    }
    if (!label_ && texts < cells_.size()) return false;
    if (label_ && cells_.size() == 1) refuse(cells_[0], "only labels; expected at least one column of numbers");
    table_.columns = static_cast<int64_t>(width_ - (label_ ? 1 : 0));
    return true;
  }

  /// "y" beside a column "x" is the other coordinate of a point.
  bool is_coordinate(size_t i) const {
    const auto is = [](const Cell& cell, const char* lower, const char* upper) {
      return cell.text == lower || cell.text == upper;
    };
    return is(cells_[i], "y", "Y") &&
           std::any_of(cells_.begin(), cells_.end(), [&](const Cell& cell) { return is(cell, "x", "X"); });
  }

  float take_number(const Cell& cell) const {
    // As double first: a float cannot tell a number too small for it (which becomes 0) from text.
    const auto value = number<double>(cell.text);
    if (!value) refuse(cell, fmt::format("'{}' is not a number; expected comma-separated numbers", shown(cell)));
    const auto single = static_cast<float>(*value);
    if (!std::isfinite(single)) refuse(cell, fmt::format("'{}'; expected a finite float32 number", shown(cell)));
    return single;
  }

  int take_label(const Cell& cell) const {
    const auto value = number<int>(cell.text);
    if (!value || *value < 0 || *value > 65535)
      refuse(cell, fmt::format("label '{}'; expected a class number from 0 to 65535", shown(cell)));
    return *value;
  }

  static std::string_view shown(const Cell& cell) { return cell.text.substr(0, 40); }

  [[noreturn]] void refuse(const Cell& cell, const std::string& what) const {
    fail(Fault::data, "{}:{}:{}: {}", path_.string(), line_, cell.column, what);
  }

  const fs::path& path_;
  Table table_;
  std::vector<Cell> cells_;  // reused from line to line
  std::optional<size_t> label_;
  size_t width_ = 0;
  size_t line_ = 0;
};

}  // namespace

Table read_csv(const fs::path& path) { return Reader(path).read(); }

}  // namespace duet
