#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace duet {

/// Minimum number of letters to insert, delete, replace or swap with their neighbour that turns `a` into `b`, ignoring
/// case and the difference of `-` and `_` (optimal string alignment distance; Damerau 1964). O(a.size() * b.size()).
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that a mistyped `word` most likely means, for "did you mean": the first one with the least edit
/// distance, which must be at most a third of the word's length (at least 1). Empty if there is none.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// All candidates with that distance, in their order.
std::vector<std::string> nearest_names(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace duet
