#include "duet/data/csv_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace duet {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

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
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
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

}  // namespace duet
