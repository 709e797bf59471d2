#include "duet/data/dataset.h"

#include <fmt/format.h>

namespace duet {
namespace {

/// "32x32 RGB".
std::string kind_of(const Shape& shape) {
  return fmt::format("{}x{} {}", shape.width, shape.height,
                     shape.channels == 1   ? "grey"
                     : shape.channels == 3 ? "RGB"
                                           : fmt::format("of {} channels", shape.channels));
}

}  // namespace

std::string describe_refitting(const DatasetInfo& info) {
  if (info.original.channels == 0) return {};
  const auto from = kind_of(info.original);
  return fmt::format("{} are read as {}",
                     info.is_picture_files() ? fmt::format("pictures (the first is {})", from) : from + " pictures",
                     kind_of(info.shape));
}

}  // namespace duet
