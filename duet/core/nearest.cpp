#include "duet/core/nearest.h"

#include <algorithm>

namespace duet {
namespace {

char folded(char letter) {
  if (letter == '_') return '-';
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the dynamic programming table: row i needs i-1, and i-2 for a swap.
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const char x = folded(a[i - 1]), y = folded(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (x == y ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y;
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::vector<std::string> nearest_names(std::string_view word, const std::vector<std::string>& candidates) {
  size_t best = std::max<size_t>(1, word.size() / 3);
  std::vector<std::string> nearest;
  for (const auto& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    // A distance of the candidate's whole length means nothing in common: "x" is one letter away from "y".
    if (distance > best || distance >= candidate.size()) continue;
    if (distance < best) nearest.clear();
    best = distance;
    nearest.push_back(candidate);
  }
  return nearest;
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates) {
  const auto nearest = nearest_names(word, candidates);
  return nearest.empty() ? std::string() : nearest.front();
}

}  // namespace duet
