#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "duet/picture/image.h"

namespace duet {

/// Limits of the size of a film.
struct FilmOptions {
  int side = 512;            ///< maximum of the longer side of a sheet in pixels
  size_t bytes = 2'000'000;  ///< larger films are scaled down, to a quarter of the side at most
  size_t pictures = 48;      ///< maximum; from more sheets evenly spaced ones are chosen, always with the last
};

/// Indices of at most `most` of `count` pictures: evenly spaced, with the first and the last.
std::vector<size_t> film_choice(size_t count, size_t most);

/// An animated GIF of sheets in order of time, each with its label ("12 kimg") below it; the last one is shown longer.
/// Sheets that differ in size from the last one are skipped. Empty if there are fewer than two.
std::vector<std::byte> film(const std::vector<Image>& sheets, const std::vector<std::string>& labels,
                            const FilmOptions& options = {});

}  // namespace duet
