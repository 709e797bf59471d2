#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace duet {

/// The extension of a file name, ".txt", in lower case; "" without one.
std::string ending_of(std::string_view name);

/// True for the extensions of the supported picture formats (image.h): .png, .jpg and variants, .webp, .tif, .tiff,
/// .pgm, .ppm, .pnm.
bool has_image_extension(std::string_view name);

/// Files in a folder or archive of pictures that are ignored.
struct LeftOut {
  std::map<std::string, int64_t>
      endings{};           ///< number of files by extension that are not pictures or in no supported format
  int64_t dead_links = 0;  ///< links that lead nowhere
  std::string first_dead_link{};
  int64_t pictures_read = 0;  ///< pictures used, of all parts
  int64_t in_no_part = 0;     ///< readable pictures that belong to no part, such as those in val beside train and test
  std::string first_in_no_part{};

  /// Files with the extension of an unsupported picture format (.gif, .heic, .bmp).
  int64_t pictures() const;
};

/// "12 .txt, 3 .gif, 1 without extension": the most frequent first.
std::string describe_endings(const std::map<std::string, int64_t>& endings);

/// One line about ignored pictures: "120 of 150 picture files are left out (60 .gif, 60 .heic); ...". Empty if only
/// files that are not pictures are ignored.
std::string describe_left_out(const LeftOut& left_out);

}  // namespace duet
