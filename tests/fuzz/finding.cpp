#include "duet/core/error.h"
#include "tests/fuzz/target.h"

namespace duet {

std::string finding(const FuzzTarget& target, std::string_view bytes) {
  try {
    target.read(std::as_bytes(std::span(bytes)));
  } catch (const Error& error) {
    // Errors for bad input must blame the input.
    if (error.fault() != Fault::internal && error.fault() != Fault::device) return {};
    return std::string("Error of another fault: ") + error.what();
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
  return {};
}

}  // namespace duet
