#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

#include "duet/core/text.h"

namespace duet {

/// Who has to act. The value is the exit code of the process.
enum class Fault : int {
  usage = 2,       ///< the command line is wrong
  recipe = 3,      ///< the recipe, or an override of it, is wrong
  data = 4,        ///< the data are missing, damaged or do not match the recipe
  checkpoint = 5,  ///< a run folder or checkpoint is missing, damaged or does not match
  device = 6,      ///< the system refused: disk full, folder not writable, no such GPU
  diverged = 7,    ///< training produced a non-finite number
  internal = 70,   ///< a bug in duet
};

/// The only exception that duet throws. The message says where, what was found, what was expected, and one hint.
/// Threads: may be read from any thread.
class Error : public std::exception {
 public:
  Error(Fault fault, std::string message) : fault_(fault), message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  Fault fault() const { return fault_; }

 private:
  Fault fault_;
  std::string message_;
};

/// Throws Error with a formatted message in which all arguments of text type are made printable (see message()); pass a
/// text of several lines as Lines.
template <class... Args>
[[noreturn]] void fail(Fault fault, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fault, message(format, std::forward<Args>(args)...));
}

}  // namespace duet
