// Compiled for AVX-512 with its bfloat16 instructions (CMakeLists.txt); called only where the CPU has them.
#include "duet/ops/winograd_kernels.h"

#ifdef __AVX512BF16__
#include <immintrin.h>

#include "duet/ops/winograd_tiles.h"

namespace duet {
namespace {

struct BFloat16 {
  using Number = uint16_t;
  using Word = uint32_t;
  static constexpr int kPacked = 2;  ///< numbers of a word
  static Floats load(const uint16_t* p) {
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return reinterpret_cast<Floats>(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
  }
  static void store(uint16_t* p, Floats v) {
    const auto rounded = _mm512_cvtneps_pbh(reinterpret_cast<__m512>(v));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(rounded));
  }
  /// Number by number, first and second side by side.
  static void store_pair(uint16_t* p, Floats first, Floats second) {
    const auto both = reinterpret_cast<__m512i>(
        _mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(second), reinterpret_cast<__m512>(first)));
    const __m512i low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(both));
    const __m512i high = _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(both, 1)), 16);
    _mm512_storeu_si512(p, _mm512_or_si512(low, high));
  }
  static __m512i words(const uint32_t* p) { return _mm512_loadu_si512(p); }
  static __m512i repeat(uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
  static void multiply_add(Floats& sum, __m512i a, __m512i b) {
    sum = reinterpret_cast<Floats>(
        _mm512_dpbf16_ps(reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b)));
  }
};

}  // namespace

const WinogradKernels* winograd_kernels_bf16(int64_t side, int64_t taps) { return choose<BFloat16>(side, taps); }

}  // namespace duet

#else

namespace duet {
const WinogradKernels* winograd_kernels_bf16(int64_t, int64_t) { return nullptr; }
}  // namespace duet

#endif
