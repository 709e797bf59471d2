#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "duet/picture/image.h"

namespace duet {

/// How large a film may become.
struct FilmOptions {
  int side = 512;            ///< pixels of the longer side of a sheet at most
  size_t bytes = 2'000'000;  ///< larger films are made smaller, down to a quarter of the side
  size_t pictures = 48;      ///< at most; of more sheets some in even distance are shown, the last in any case
};

/// Which of `count` pictures are shown where at most `most` may be: evenly spread, the first and last among them.
std::vector<size_t> film_choice(size_t count, size_t most);

/// An animated GIF of sheets in the order of time, each with its label ("12 kimg") below it, the last one held longer.
/// Sheets of another size than the last one's are left out. Empty where there are fewer than two.
std::vector<std::byte> film(const std::vector<Image>& sheets, const std::vector<std::string>& labels,
                            const FilmOptions& options = {});

}  // namespace duet
