// Compiled for AVX-512 (CMakeLists.txt); called only where the CPU has it.
#include "duet/ops/winograd_kernels.h"

#ifdef __AVX512F__
#include "duet/ops/winograd_tiles.h"

namespace duet {
namespace {

struct Float32 {
  using Number = float;
  using Word = float;
  static constexpr int kPacked = 1;  ///< numbers of a word
  static Floats load(const float* p) { return duet::load(p); }
  static void store(float* p, Floats v) { duet::store(p, v); }
  static Floats words(const float* p) { return duet::load(p); }
  static float repeat(float word) { return word; }
  static void multiply_add(Floats& sum, float a, Floats b) { sum += a * b; }
};

}  // namespace

const WinogradKernels* winograd_kernels_fp32(int64_t side, int64_t taps) { return choose<Float32>(side, taps); }

}  // namespace duet

#else

namespace duet {
const WinogradKernels* winograd_kernels_fp32(int64_t, int64_t) { return nullptr; }
}  // namespace duet

#endif
