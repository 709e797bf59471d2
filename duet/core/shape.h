#pragma once

#include <cstdint>
#include <string>

namespace duet {

/// Shape of one example: an image is {channels, height, width}, a vector of n numbers is {n, 1, 1}.
struct Shape {
  int64_t channels = 0;
  int64_t height = 1;
  int64_t width = 1;

  int64_t numel() const { return channels * height * width; }
  bool is_vector() const { return height == 1 && width == 1; }
  bool operator==(const Shape&) const = default;
};

/// "3x64x64" for an image, "100" for a vector.
std::string to_string(const Shape& shape);

}  // namespace duet
