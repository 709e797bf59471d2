#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace duet {

/// Least number of letters to insert, drop, replace or swap with their neighbour that turns `a` into `b`, blind to
/// case and to `-` against `_` (optimal string alignment distance; Damerau 1964). O(a.size() * b.size()).
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that a mistyped `word` most likely meant, for "did you mean": the first of least edit distance, as
/// long as that is at most a third of the word's length (at least 1). Empty when none is that near.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// All candidates of that least distance, in their order.
std::vector<std::string> nearest_names(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace duet
