#pragma once

#include <gtest/gtest.h>

#include "duet/core/random.h"
#include "tests/fuzz/target.h"

namespace duet {

/// A mutation of `seed`, the same for the same number, of the kinds that fuzzers use.
inline std::string mutated(std::string bytes, const std::vector<std::string>& others, uint64_t number) {
  Random random(24, 0, number);
  const auto place = [&] { return static_cast<size_t>(random.below(static_cast<int64_t>(bytes.size()) + 1)); };
  for (int64_t n = random.below(4); n >= 0; --n) {
    const size_t at = place();
    const auto length = static_cast<size_t>(random.below(9));
    switch (random.below(7)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ 1 << random.below(8));
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = "\0\x01\x7f\x80\xff-.9\"{[,\n"[random.below(13)];
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(at, length);
        break;
      case 4:
        bytes.insert(at, bytes.substr(place(), length * length));
        break;
      case 5:
        bytes.insert(at, std::string(length, static_cast<char>(random.below(256))));
        break;
      default:
        const auto& other = others[static_cast<size_t>(random.below(std::ssize(others)))];
        bytes = bytes.substr(0, at) + other.substr(std::min(other.size(), place()));
    }
  }
  return bytes;
}

/// Runs a target on its former findings, its seeds, and mutations of them.
inline void replay(const FuzzTarget& target, uint64_t mutations) {
  for (size_t i = 0; i < target.findings.size(); ++i)
    EXPECT_EQ(finding(target, target.findings[i]), "") << target.name << ", former finding " << i;
  const auto seeds = target.seeds();
  ASSERT_FALSE(seeds.empty());
  for (size_t i = 0; i < seeds.size(); ++i) EXPECT_EQ(finding(target, seeds[i]), "") << target.name << ", seed " << i;
  for (uint64_t i = 0; i < mutations; ++i)
    EXPECT_EQ(finding(target, mutated(seeds[i % seeds.size()], seeds, i)), "") << target.name << ", mutation " << i;
}

}  // namespace duet
