#include "duet/nn/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/nearest.h"

namespace duet {
namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_name(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

/// The place of the first of these letters outside of all parentheses, from `begin` on; npos where there is none, or
/// where the parentheses do not match.
size_t find_outside(const std::string& text, char letter, size_t begin) {
  int64_t depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == letter && depth == 0) return i;
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
  }
  return std::string::npos;
}

bool parentheses_match(const std::string& text) {
  int64_t depth = 0;
  for (const char letter : text) {
    depth += letter == '(' ? 1 : letter == ')' ? -1 : 0;
    if (depth < 0) return false;
  }
  return depth == 0;
}

/// A whole number at the beginning of `text`, which then begins behind it.
std::optional<int64_t> leading_integer(std::string_view& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return {};
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

constexpr int64_t kMost = 1'000'000'000;  // so that two of them still multiply

std::string whole_number(int64_t low, bool too_large) {
  return fmt::format("a whole number of at least {}{}", low, too_large ? ", and at most 1e9" : "");
}

}  // namespace

Arguments::Arguments(const std::string& text) : text_(text) {
  const auto open = text.find('(');
  name_ = trimmed(text.substr(0, open));
  const auto whole = trimmed(text);
  if (!is_name(name_) || (open != std::string::npos && whole.back() != ')')) refuse_form();
  if (open == std::string::npos) return;
  const auto inside = trimmed(whole.substr(whole.find('(') + 1, whole.size() - whole.find('(') - 2));
  if (!parentheses_match(inside)) refuse_form();
  for (size_t begin = 0, end = 0; !inside.empty() && end != std::string::npos; begin = end + 1) {
    end = find_outside(inside, ',', begin);
    add(trimmed(inside.substr(begin, end - begin)));
  }
}

void Arguments::refuse_form() const {
  fail(Fault::recipe, "'{}': expected NAME or NAME(value, key=value), such as conv(64, kernel=4)", text_);
}

void Arguments::add(const std::string& item) {
  if (item.empty()) refuse_form();
  const auto equals = find_outside(item, '=', 0);
  if (equals == std::string::npos) {
    by_place_.push_back(item);
    return;
  }
  const auto key = trimmed(item.substr(0, equals)), value = trimmed(item.substr(equals + 1));
  if (!is_name(key) || value.empty()) refuse_form();
  if (!by_name_.try_emplace(key, value).second)
    fail(Fault::recipe, "'{}': {} is given twice; expected it once", text_, key);
}

std::optional<std::string> Arguments::take(const std::string& name) {
  known_.push_back(name);
  if (const auto found = by_name_.find(name); found != by_name_.end()) {
    const auto value = found->second;
    by_name_.erase(found);
    return value;
  }
  if (next_place_ < by_place_.size()) return by_place_[next_place_++];
  return {};
}

void Arguments::refuse(const std::string& name, const std::string& found, const std::string& expected) const {
  fail(Fault::recipe, "'{}': {} = {}; expected {}", text_, name, found, expected);
}

int64_t Arguments::integer(const std::string& name, std::optional<int64_t> fallback, int64_t low) {
  const auto given = take(name);
  if (!given && fallback) return *fallback;
  if (!given) refuse(name, "nothing", "a whole number");
  std::string_view rest = *given;
  const auto value = leading_integer(rest);
  if (!value || !rest.empty() || *value < low || *value > kMost)
    refuse(name, *given, whole_number(low, value && *value > kMost));
  return *value;
}

Sides Arguments::sides(const std::string& name, std::optional<Sides> fallback, int64_t low) {
  const auto given = take(name);
  if (!given && fallback) return *fallback;
  if (!given) refuse(name, "nothing", "a whole number, or two: 3x5");
  std::string_view rest = *given;
  const auto high = leading_integer(rest);
  auto wide = high;
  if (rest.starts_with('x')) {
    rest.remove_prefix(1);
    wide = leading_integer(rest);
  }
  if (!high || !wide || !rest.empty() || std::min(*high, *wide) < low || std::max(*high, *wide) > kMost)
    refuse(name, *given,
           whole_number(low, high && wide && std::max(*high, *wide) > kMost) + ", or two, height x width: 3x5");
  return {*high, *wide};
}

double Arguments::real(const std::string& name, std::optional<double> fallback) {
  const auto given = take(name);
  if (!given && fallback) return *fallback;
  if (!given) refuse(name, "nothing", "a number");
  double value = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (error != std::errc() || end != given->data() + given->size() || !std::isfinite(value))
    refuse(name, *given, "a number");
  return value;
}

std::optional<double> Arguments::some_real(const std::string& name) {
  const bool is_given = by_name_.contains(name) || next_place_ < by_place_.size();
  if (is_given) return real(name);
  take(name);
  return {};
}

bool Arguments::flag(const std::string& name, bool fallback) {
  const auto given = take(name);
  if (!given) return fallback;
  if (*given != "true" && *given != "false") refuse(name, *given, "true or false");
  return *given == "true";
}

std::string Arguments::identified(const std::string& name, const std::optional<std::string>& given) const {
  if (!given || !is_name(*given) || std::isdigit(static_cast<unsigned char>(given->front())))
    refuse(name, given.value_or("nothing"), "a name of letters, digits and _, such as skip");
  return *given;
}

std::string Arguments::identifier(const std::string& name) { return identified(name, take(name)); }

std::string Arguments::some_identifier(const std::string& name) {
  const auto given = take(name);
  return given ? identified(name, given) : "";
}

std::string Arguments::call(const std::string& name, const std::function<void(const std::string&)>& check) {
  const auto given = take(name);
  if (!given) return {};
  try {
    check(*given);
  } catch (const Error& error) {
    fail(error.fault(), "'{}': {}", text_, error.what());
  }
  return *given;
}

std::string Arguments::word(const std::string& name, const std::string& fallback,
                            const std::vector<std::string>& choices) {
  const auto given = take(name).value_or(fallback);
  if (std::find(choices.begin(), choices.end(), given) == choices.end())
    refuse(name, given, fmt::format("one of {}", fmt::join(choices, ", ")));
  return given;
}

void Arguments::finish() const {
  std::string extra;
  if (!by_name_.empty()) extra = by_name_.begin()->first;
  if (next_place_ < by_place_.size()) extra = by_place_[next_place_];
  if (extra.empty()) return;
  const auto near = nearest_name(extra, known_);
  const auto takes = known_.empty() ? std::string("no arguments") : fmt::format("{}", fmt::join(known_, ", "));
  fail(Fault::recipe, "'{}': unknown argument '{}'; {} takes {}{}", text_, extra, name_, takes,
       near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

}  // namespace duet
