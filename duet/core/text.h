#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace duet {

/// A text from outside (a file name, a class, a command line argument) in a form that is safe to show on one line of a
/// terminal: line ends and tabs become \n and \t, other control characters and bytes that are not UTF-8 \x1b,
/// characters that change the writing direction or end a line \u202e. Everything else, also a backslash, is unchanged,
/// so applying it twice changes nothing.
std::string printable(std::string_view text);
/// The same, but line ends are kept.
std::string printable_lines(std::string_view text);

/// A library's message without the tag in front: "[json.exception.parse_error.101] parse error at ..." from "parse" on.
std::string without_tag(std::string_view text);

/// A text of several lines that message() shows unchanged; its parts must be printable.
struct Lines {
  std::string text;
};

namespace detail {

template <class T>
struct IsJoin : std::false_type {};
template <class... Parts>
struct IsJoin<fmt::join_view<Parts...>> : std::true_type {};

/// A message's argument: texts are made printable, other values are unchanged.
template <class T>
decltype(auto) shown(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return printable(value);
  else if constexpr (IsJoin<T>::value)
    return printable(fmt::vformat("{}", fmt::make_format_args(value)));
  else
    return (value);
}

template <class... Args>
std::string format_shown(fmt::string_view format, const Args&... args) {
  return fmt::vformat(format, fmt::make_format_args(args...));
}

}  // namespace detail

/// fmt::format with all text arguments made printable, so that no name can end a line of a message or control the
/// terminal.
template <class... Args>
std::string message(fmt::format_string<Args...> format, Args&&... args) {
  return detail::format_shown(format, detail::shown(args)...);
}

}  // namespace duet

template <>
struct fmt::formatter<duet::Lines> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const duet::Lines& lines, Context& context) const {
    return fmt::formatter<fmt::string_view>::format(lines.text, context);
  }
};
