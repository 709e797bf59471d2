#include "duet/data/formats/csv_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "duet/core/lower.h"

namespace duet {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_letter(char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'); }

std::string without(std::string_view text, char letter) {
  std::string rest(text);
  std::erase(rest, letter);
  return rest;
}

/// Digits in groups of three behind the first: "1,000" and "12.345.678".
bool is_grouped(std::string_view text, char separator) {
  while (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  size_t group = 0, groups = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_digit(text[i])) {
      ++group;
      continue;
    }
    if (i < text.size() && text[i] != separator) return false;
    if (group == 0 || group > 3 || (groups > 0 && group != 3)) return false;
    group = 0;
    ++groups;
  }
  return groups > 1;
}

}  // namespace

std::optional<double> csv_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return {};
  // Beyond a double's range: infinite, or where it is too small, zero.
  if (error == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  if (error != std::errc()) return {};
  return value;
}

std::optional<double> decimal_comma_number(std::string_view text) {
  if (std::count(text.begin(), text.end(), ',') != 1 || text.find('.') != std::string_view::npos) return {};
  std::string pointed(text);
  std::replace(pointed.begin(), pointed.end(), ',', '.');
  return csv_number(pointed);
}

std::string csv_number_advice(std::string_view text) {
  const auto short_text = text.substr(0, 40);
  const auto whole = text.substr(0, text.find('.'));
  if (text.find(',') != std::string_view::npos && is_grouped(whole, ',')) {
    const bool sure = whole.size() < text.size() || std::count(text.begin(), text.end(), ',') > 1;
    const auto plain = without(short_text, ',');
    if (sure) return fmt::format("'{}' has thousands separators; expected {}; write it so", short_text, plain);
    return fmt::format(
        "'{}' has a comma, for decimals or for thousands; expected {} or {}; write the one that is meant", short_text,
        [&] {
          std::string pointed(short_text);
          std::replace(pointed.begin(), pointed.end(), ',', '.');
          return pointed;
        }(),
        plain);
  }
  if (const auto value = decimal_comma_number(text)) {
    std::string pointed(short_text);
    std::replace(pointed.begin(), pointed.end(), ',', '.');
    return fmt::format("'{}' has a decimal comma; expected {}; write decimal points, or ; between the columns",
                       short_text, pointed);
  }
  if (text.find(',') != std::string_view::npos && csv_number(without(without(text, '.'), ',')))
    return fmt::format("'{}' has points and commas; expected a number with one decimal point; write it so", short_text);
  return {};
}

std::string csv_text_advice(std::string_view text) {
  const auto name = lower(text);
  for (const char* truth : {"true", "false", "yes", "no"})
    if (name == truth)
      return fmt::format("'{}' is a word for true or false; expected a number; write 1 and 0", text.substr(0, 40));
  if (text.size() > 2 && text.starts_with('\'') && text.ends_with('\'') && csv_number(text.substr(1, text.size() - 2)))
    return fmt::format(
        "{} stands in single quotes; expected {}; quotes of a table are double ones, and numbers need none",
        text.substr(0, 40), text.substr(1, std::min<size_t>(text.size() - 2, 40)));
  const auto begin = text.find_first_of("+-.0123456789"), end = text.find_last_of(".0123456789");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  // "$5", but "x4" is a name.
  if (std::any_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(begin), is_letter)) return {};
  const auto inner = text.substr(begin, end + 1 - begin);
  constexpr size_t kLongestUnit = 4;  // "$", "%", "km/h"
  if (inner.size() == text.size() || text.size() - inner.size() > kLongestUnit || !csv_number(inner)) return {};
  return fmt::format("'{}' is a number and its unit; expected {} alone; write the unit into the column's name",
                     text.substr(0, 40), inner.substr(0, 40));
}

}  // namespace duet
