#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duet/ops/window.h"

namespace duet {

/// A call written as text, the way recipes spell layers and initialisers: "conv(64, kernel=4, stride=2)". A value may
/// be a call itself: "dense(64, init=normal(0.1))". Arguments are taken one by one in their documented order, by name
/// or by place. Threads: not for several at once.
class Arguments {
 public:
  /// Throws Error(recipe) quoting the text when it is not NAME or NAME(a, b, key=value), or gives a key twice.
  explicit Arguments(const std::string& text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }

  /// The next argument, or the one called `name`. Throws Error(recipe) when it is missing without a fallback, or is not
  /// such a value.
  int64_t integer(const std::string& name, std::optional<int64_t> fallback = {}, int64_t low = 0);
  double real(const std::string& name, std::optional<double> fallback = {});
  /// One that may be left out.
  std::optional<double> some_real(const std::string& name);
  /// Height x width, "3x5", or one number for both.
  Sides sides(const std::string& name, std::optional<Sides> fallback = {}, int64_t low = 0);
  bool flag(const std::string& name, bool fallback);
  /// A name: letters, digits and _, not beginning with a digit.
  std::string identifier(const std::string& name);
  std::string word(const std::string& name, const std::string& fallback, const std::vector<std::string>& choices);
  /// A name, such as identifier(), that may be left out: then empty.
  std::string some_identifier(const std::string& name);
  /// A call, such as normal(0.1), as it is written; `check` throws what is wrong with it. Empty where it is left out.
  std::string call(const std::string& name, const std::function<void(const std::string&)>& check);

  /// Throws Error(recipe) naming arguments that nobody took and those that exist.
  void finish() const;

 private:
  void add(const std::string& item);
  [[noreturn]] void refuse_form() const;
  std::optional<std::string> take(const std::string& name);
  std::string identified(const std::string& name, const std::optional<std::string>& given) const;
  [[noreturn]] void refuse(const std::string& name, const std::string& found, const std::string& expected) const;

  std::string text_, name_;
  std::vector<std::string> by_place_;
  size_t next_place_ = 0;
  std::map<std::string, std::string> by_name_;
  std::vector<std::string> known_;
};

}  // namespace duet
