#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace duet {

/// Mixes a 64-bit value into a well distributed one (the finaliser of SplitMix64; Steele et al. 2014).
constexpr uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// The same for a text, for streams that have names.
constexpr uint64_t mix(std::string_view text) {
  uint64_t x = 0;
  for (const char letter : text) x = mix(x ^ static_cast<unsigned char>(letter));
  return x;
}

/// A small random stream identified by (seed, stream, index), so that item `index` is the same whichever thread draws
/// it and in whatever order. For data; tensors use an at::Generator. Threads: use one stream per thread; a stream is
/// not for several at once.
class Random {
 public:
  explicit Random(uint64_t seed, uint64_t stream = 0, uint64_t index = 0)
      : state_(mix(seed ^ mix(stream ^ mix(index ^ 0x6475657400000000ULL)))) {}

  uint64_t bits() { return mix(state_++); }
  /// Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in {0, ..., n - 1}.
  int64_t below(int64_t n) { return static_cast<int64_t>(uniform() * static_cast<double>(n)); }
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box and Muller 1958).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  uint64_t state_;
};

/// A uniformly random permutation of 0 ... n-1 (Fisher and Yates), the same for the same stream.
inline std::vector<int64_t> permutation(int64_t n, Random random) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t i = n - 1; i > 0; --i)
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(random.below(i + 1))]);
  return order;
}

}  // namespace duet
