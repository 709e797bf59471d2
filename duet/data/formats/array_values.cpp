#include "duet/data/formats/array_values.h"

#include <algorithm>
#include <cmath>

#include "duet/core/error.h"

namespace duet {
namespace {

// Tolerance for rounding: half a step of 8 bits.
constexpr double kSlack = 0.5 / 255;
/// A set of float pictures that reaches below 0 has something darker than this, if it is -1..1.
constexpr double kDark = -0.5;
/// A set of float pictures that reaches above 1 has something brighter than this, if it is 0..255.
constexpr double kBright = 16;

const char* name_of(NpyType type) {
  constexpr const char* kNames[] = {"bool",   "int8",  "uint8",  "int16",   "uint16",  "int32",
                                    "uint32", "int64", "uint64", "float16", "float32", "float64"};
  return kNames[static_cast<size_t>(type)];
}

[[noreturn]] void refuse_integers(const NumberExtent& extent, NpyType type, const std::string& place) {
  const double most = extent.high > 0 ? std::exp2(std::ceil(std::log2(extent.high + 1))) - 1 : 255;
  const auto advice =
      extent.low < 0
          ? std::string("save ((array - array.min()) / (array.max() - array.min()) * 255).round().astype('u1')")
          : fmt::format("save (array / {:g} * 255).round().astype('u1')", most);
  fail(Fault::data, "{}: {} pictures from {:g} to {:g}; expected 0 (black) to 255 (white); {}", place, name_of(type),
       extent.low, extent.high, advice);
}

[[noreturn]] void refuse_floats(const NumberExtent& extent, NpyType type, const std::string& place) {
  std::string advice = "save 2 * (array - array.min()) / (array.max() - array.min()) - 1";
  const bool overshoots = extent.low > -0.2 && extent.high > 0.5 && extent.high < 1.2;
  if (overshoots) advice = "if it overshoots 0..1, save np.clip(array, 0, 1); else " + advice;
  if (!overshoots && extent.low > -1.2 && extent.low <= kDark && extent.high < 1.2)
    advice = "if it overshoots -1..1, save np.clip(array, -1, 1); else " + advice;
  if (extent.low >= 0 && extent.high > 255) advice = fmt::format("save array / {:g}, which is 0..1", extent.high);
  fail(Fault::data,
       "{}: {} pictures from {:.4g} to {:.4g}; expected -1..1, 0..1 or 0..255, which the smallest and largest value "
       "tell apart; {}; save numbers that are not pictures as vectors: array.reshape(len(array), -1)",
       place, name_of(type), extent.low, extent.high, advice);
}

Range float_range(const NumberExtent& extent, NpyType type, const std::string& place) {
  const auto [low, high, whole] = extent;
  if (low < -kSlack) {
    if (low <= kDark && low >= -1 - 2 * kSlack && high <= 1 + 2 * kSlack) return {-1, 1};
  } else if (high <= 1 + kSlack) {
    return {0, 1};
  } else if (low >= 0 && high > kBright && high <= 255.5) {
    return {0, 255};
  }
  refuse_floats(extent, type, place);
}

}  // namespace

PictureRange picture_range(const NumberExtent& extent, NpyType type, const std::string& place) {
  if (type == NpyType::u1) return {{0, 255}, ""};
  if (type == NpyType::b1) return {{0, 1}, "bool as black and white"};
  if (!is_float(type)) {
    if (extent.low < 0 || extent.high > 255) refuse_integers(extent, type, place);
    return {{0, 255}, fmt::format("{} as 8 bits", name_of(type))};
  }
  const auto range = float_range(extent, type, place);
  return {range, fmt::format("{} from {:.4g} to {:.4g} as {:g} (black) to {:g} (white), 8 bits", name_of(type),
                             extent.low, extent.high, range.low, range.high)};
}

std::vector<std::byte> to_picture_bytes(const NpyArray& array, const Range& range) {
  const auto floats = to_floats(array);
  std::vector<std::byte> bytes(floats.size());
  const double scale = 255 / (range.high - range.low);
  std::transform(floats.begin(), floats.end(), bytes.begin(), [&](float value) {
    return static_cast<std::byte>(std::lround(std::clamp((value - range.low) * scale, 0.0, 255.0)));
  });
  return bytes;
}

}  // namespace duet
