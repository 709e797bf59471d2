#include "duet/core/shape.h"

#include <fmt/format.h>

namespace duet {

std::string to_string(const Shape& shape) {
  if (shape.is_vector()) return std::to_string(shape.channels);
  return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

}  // namespace duet
