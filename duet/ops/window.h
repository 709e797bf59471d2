#pragma once

#include <cstdint>
#include <string>

namespace duet {

/// A number for each of a picture's dimensions; one number stands for both.
struct Sides {
  int64_t height, width;
  constexpr Sides(int64_t both) : height(both), width(both) {}  // NOLINT: a number is meant where one is given
  constexpr Sides(int64_t high, int64_t wide) : height(high), width(wide) {}
  constexpr bool is_square() const { return height == width; }
  constexpr int64_t area() const { return height * width; }
  constexpr bool operator==(const Sides&) const = default;
};

/// "3x5", or "3" for both.
inline std::string to_string(const Sides& sides) {
  const auto wide = std::to_string(sides.width);
  return sides.is_square() ? wide : std::to_string(sides.height) + "x" + wide;
}

/// A window that slides over a picture.
struct Window {
  Sides kernel = 1, stride = 1, padding = 0;

  /// How many places it has in so many rows, or columns, of a picture.
  constexpr int64_t rows(int64_t height) const {
    return (height + 2 * padding.height - kernel.height) / stride.height + 1;
  }
  constexpr int64_t columns(int64_t width) const {
    return (width + 2 * padding.width - kernel.width) / stride.width + 1;
  }
  /// What its adjoint makes of so many rows, or columns, of a feature map, and `more` behind them.
  constexpr int64_t enlarged_rows(int64_t rows, const Sides& more) const {
    return (rows - 1) * stride.height - 2 * padding.height + kernel.height + more.height;
  }
  constexpr int64_t enlarged_columns(int64_t columns, const Sides& more) const {
    return (columns - 1) * stride.width - 2 * padding.width + kernel.width + more.width;
  }
  constexpr bool is_square() const { return kernel.is_square() && stride.is_square() && padding.is_square(); }
  /// Whether it is no larger than a picture with its padding.
  constexpr bool fits(int64_t height, int64_t width) const {
    return height + 2 * padding.height >= kernel.height && width + 2 * padding.width >= kernel.width;
  }
};

}  // namespace duet
