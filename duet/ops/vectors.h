#pragma once

// Part of what avx512_fp32.cpp and avx512_bf16.cpp compile: vectors of 16, and the two types of numbers that are
// multiplied. A word is what the multiplying instruction takes as one: a float, or two bfloat16 numbers whose products
// it adds up. Everything is local to the file that includes it, so that no code for one kind of CPU is linked where
// another runs.
#include <immintrin.h>

#include <cstdint>

#ifdef __clang__
#define DUET_UNROLL _Pragma("clang loop unroll(full)")
#else
#define DUET_UNROLL _Pragma("GCC unroll 16")
#endif

namespace duet {
namespace {

using Floats = __m512;

inline Floats load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, Floats v) { _mm512_storeu_ps(p, v); }

/// The first n of 16 or 32: none where n is negative, all where there are more.
inline __mmask32 first_of_32(int64_t n) { return n >= 32 ? 0xffffffff : n > 0 ? (1U << n) - 1 : 0; }
inline __mmask16 first_of_16(int64_t n) { return static_cast<__mmask16>(first_of_32(n)); }

inline Floats load_first(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(first_of_16(n), p); }

/// Those that take n leave out what lies beyond: it is read as zeros and never written.
struct Float32 {
  using Number = float;
  using Word = float;
  static constexpr int kPacked = 1;  ///< numbers of a word
  static Floats load(const float* p) { return duet::load(p); }
  static void store(float* p, Floats v) { duet::store(p, v); }
  static void store(float* p, Floats v, int64_t n) { _mm512_mask_storeu_ps(p, first_of_16(n), v); }
  static Floats words(const float* p) { return duet::load(p); }
  static float repeat(float word) { return word; }
  static void multiply_add(Floats& sum, float a, Floats b) { sum += a * b; }

  /// 16 words of numbers side by side.
  static __m512i beside(const float* p, int64_t n) { return _mm512_castps_si512(load_first(p, n)); }
  /// 16 words of a number each; `second` is the other number of a word that has two.
  static __m512i together(const float* first, const float*, int64_t n) { return beside(first, n); }
};

#ifdef __AVX512BF16__
struct BFloat16 {
  using Number = uint16_t;
  using Word = uint32_t;
  static constexpr int kPacked = 2;
  static Floats load(const uint16_t* p) {
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
  }
  static __m256i rounded(Floats v) { return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(v)); }
  static void store(uint16_t* p, Floats v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), rounded(v)); }
  static void store(uint16_t* p, Floats v, int64_t n) { _mm256_mask_storeu_epi16(p, first_of_16(n), rounded(v)); }
  /// Number by number, first and second side by side.
  static void store_pair(uint16_t* p, Floats first, Floats second) { _mm512_storeu_si512(p, pairs(first, second)); }
  static __m512i words(const uint32_t* p) { return _mm512_loadu_si512(p); }
  static __m512i repeat(uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
  static void multiply_add(Floats& sum, __m512i a, __m512i b) {
    sum = _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }

  static __m512i beside(const uint16_t* p, int64_t n) { return _mm512_maskz_loadu_epi16(first_of_32(n), p); }
  static __m512i beside(const float* p, int64_t n) {
    return reinterpret_cast<__m512i>(
        _mm512_cvtne2ps_pbh(n > 16 ? load_first(p + 16, n - 16) : _mm512_setzero_ps(), load_first(p, n)));
  }
  static __m512i together(const uint16_t* first, const uint16_t* second, int64_t n) {
    return interleave(_mm256_maskz_loadu_epi16(first_of_16(n), first),
                      second ? _mm256_maskz_loadu_epi16(first_of_16(n), second) : _mm256_setzero_si256());
  }
  static __m512i together(const float* first, const float* second, int64_t n) {
    return pairs(load_first(first, n), second ? load_first(second, n) : _mm512_setzero_ps());
  }

 private:
  static __m512i interleave(__m256i first, __m256i second) {
    return _mm512_or_si512(_mm512_cvtepu16_epi32(first), _mm512_slli_epi32(_mm512_cvtepu16_epi32(second), 16));
  }
  static __m512i pairs(Floats first, Floats second) {
    const auto both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
    return interleave(_mm512_castsi512_si256(both), _mm512_extracti64x4_epi64(both, 1));
  }
};
#endif

/// Rows become columns.
inline void transpose(__m512i (&r)[16]) {
  __m512i t[16];
  DUET_UNROLL for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  DUET_UNROLL for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  // Quarter q of r[4 i + j] now holds column 4 q + j of rows 4 i to 4 i + 3.
  DUET_UNROLL for (int j = 0; j < 4; ++j) {
    const auto even_top = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88);
    const auto odd_top = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd);
    const auto even_bottom = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
    const auto odd_bottom = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
    t[j] = _mm512_shuffle_i32x4(even_top, even_bottom, 0x88);
    t[8 + j] = _mm512_shuffle_i32x4(even_top, even_bottom, 0xdd);
    t[4 + j] = _mm512_shuffle_i32x4(odd_top, odd_bottom, 0x88);
    t[12 + j] = _mm512_shuffle_i32x4(odd_top, odd_bottom, 0xdd);
  }
  DUET_UNROLL for (int i = 0; i < 16; ++i) r[i] = t[i];
}

}  // namespace
}  // namespace duet
