#include <fmt/ranges.h>

#include <cmath>
#include <cstring>

#include "duet/core/error.h"
#include "duet/data/formats/npy.h"

// The numbers of a .npy file, of any type.

namespace duet {
namespace {

/// IEEE 754 binary16.
float half_to_float(uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const float sign = half >> 15 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction ? std::numeric_limits<float>::quiet_NaN() : sign * HUGE_VALF;
  // Subnormal numbers have no implicit leading one.
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                               : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25));
}

template <class T, class Visit>
void visit_as(const NpyArray& array, const Visit& visit) {
  for (size_t i = 0; i < array.data.size() / sizeof(T); ++i) {
    T value;
    std::memcpy(&value, array.data.data() + i * sizeof(T), sizeof(T));
    visit(i, value);
  }
}

/// visit(position, number) for every number, in its own type (half as float, bool as 0 or 1).
template <class Visit>
void visit_numbers(const NpyArray& array, const Visit& visit) {
  switch (array.type) {
    case NpyType::b1:
      return visit_as<uint8_t>(array, [&](size_t i, uint8_t value) { visit(i, static_cast<uint8_t>(value != 0)); });
    case NpyType::i1:
      return visit_as<int8_t>(array, visit);
    case NpyType::u1:
      return visit_as<uint8_t>(array, visit);
    case NpyType::i2:
      return visit_as<int16_t>(array, visit);
    case NpyType::u2:
      return visit_as<uint16_t>(array, visit);
    case NpyType::i4:
      return visit_as<int32_t>(array, visit);
    case NpyType::u4:
      return visit_as<uint32_t>(array, visit);
    case NpyType::i8:
      return visit_as<int64_t>(array, visit);
    case NpyType::u8:
      return visit_as<uint64_t>(array, visit);
    case NpyType::f2:
      return visit_as<uint16_t>(array, [&](size_t i, uint16_t value) { visit(i, half_to_float(value)); });
    case NpyType::f4:
      return visit_as<float>(array, visit);
    case NpyType::f8:
      return visit_as<double>(array, visit);
  }
}

/// The example to which number `position` belongs.
size_t example_of(const NpyArray& array, size_t position) {
  size_t numbers = 1;
  for (size_t d = 1; d < array.shape.size(); ++d) numbers *= static_cast<size_t>(array.shape[d]);
  return position / numbers;
}

void check_finite(const NpyArray& array, size_t position, double value) {
  if (std::isfinite(static_cast<float>(value))) return;
  fail(Fault::data,
       "{}: element {} (in example {}) is {}; expected finite float32 numbers; leave out such examples, or replace "
       "what is missing",
       array.place, position, example_of(array, position), value);
}

}  // namespace

bool is_float(NpyType type) { return type == NpyType::f2 || type == NpyType::f4 || type == NpyType::f8; }

NumberExtent extent_of(const NpyArray& array) {
  NumberExtent extent;
  visit_numbers(array, [&](size_t i, auto number) {
    const auto value = static_cast<double>(number);
    check_finite(array, i, value);
    extent.low = i == 0 ? value : std::min(extent.low, value);
    extent.high = i == 0 ? value : std::max(extent.high, value);
    extent.whole = extent.whole && value == std::floor(value);
  });
  return extent;
}

std::vector<float> to_floats(const NpyArray& array) {
  int64_t count = 1;
  for (const int64_t dimension : array.shape) count *= dimension;
  std::vector<float> floats(static_cast<size_t>(count));
  visit_numbers(array, [&](size_t i, auto number) {
    check_finite(array, i, static_cast<double>(number));
    floats[i] = static_cast<float>(number);
  });
  return floats;
}

std::vector<int> to_labels(const NpyArray& array) {
  const bool column = array.shape.size() == 2 && array.shape[1] == 1;
  if (array.shape.size() != 1 && !column)
    fail(Fault::data, "{}: labels of shape {}; expected one class number for each example, [N]", array.place,
         fmt::join(array.shape, "x"));
  std::vector<int> labels(static_cast<size_t>(array.shape[0]));
  visit_numbers(array, [&](size_t i, auto number) {
    const auto value = static_cast<double>(number);
    if (!(value >= 0 && value <= 65535 && value == std::floor(value)))
      fail(Fault::data, "{}[{}]: label {}; expected a class number from 0 to 65535; {}", array.place, i, number,
           value == -1 ? "leave examples without a label out, or save np.unique(labels, return_inverse=True)[1]"
                       : "save np.unique(labels, return_inverse=True)[1], which numbers the classes from 0");
    labels[i] = static_cast<int>(value);
  });
  return labels;
}

}  // namespace duet
