#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace duet {

/// ".txt" of a file's name, in lower case; "" without one.
std::string ending_of(std::string_view name);

/// True for the endings of the picture formats that are read (image.h): .png, .jpg and its kin, .webp, .tif, .tiff.
bool has_image_extension(std::string_view name);

/// What lies in a folder or archive of pictures and is not read.
struct LeftOut {
  std::map<std::string, int64_t> endings;  ///< files that are no pictures or in no format that is read: how many
  int64_t dead_links = 0;                  ///< links that lead nowhere
  std::string first_dead_link;
  int64_t pictures_read = 0;  ///< pictures that are taken, of all parts

  /// Files whose ending is that of pictures in a format that is not read (.gif, .heic, .bmp).
  int64_t pictures() const;
};

/// "12 .txt, 3 .gif, 1 without extension": the most frequent first.
std::string describe_endings(const std::map<std::string, int64_t>& endings);

/// One line about what a user would miss: "120 of 150 picture files are left out (60 .gif, 60 .heic); ...". Empty where
/// nothing is left out but files that are no pictures.
std::string describe_left_out(const LeftOut& left_out);

}  // namespace duet
