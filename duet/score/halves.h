#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// Two random halves of 0 ... count-1 of equal size, each in ascending order: neighbours in a stored set are often
/// similar, or of alternating classes.
std::array<std::vector<int64_t>, 2> halves_of(int64_t count, uint64_t seed);

/// The examples of the two halves of the held-out data that scores use, at most this many together: the deciding and
/// the reporting half (see Half).
std::array<std::vector<int64_t>, 2> halves_of(const Dataset& held_out, int64_t at_most, uint64_t seed);

}  // namespace duet
