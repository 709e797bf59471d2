#pragma once

namespace duet {

/// Whether this CPU multiplies bfloat16 numbers in hardware.
bool has_bfloat16();

/// Whether this CPU works on 16 float32 numbers at a time (AVX-512 as in x86-64-v4).
bool has_avx512();

/// Whether this CPU multiplies tiles of bfloat16 numbers (AMX).
bool has_amx();

/// Whether oneDNN has products of bfloat16 numbers for this CPU, in hardware or with more instructions; where it has
/// not, bilinear.cpp makes them in float32 and rounds.
bool knows_bfloat16();

/// Floating-point operations per second of large matrix products with the current number of threads: what no step can
/// exceed. Takes about a second.
double matrix_product_limit(bool bfloat16);

}  // namespace duet
