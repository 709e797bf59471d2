// Compiled for AVX-512 with its bfloat16 instructions (CMakeLists.txt); called only where the CPU has them.
#include "duet/ops/dense_kernels.h"
#include "duet/ops/winograd_kernels.h"

#ifdef __AVX512BF16__
#include "duet/ops/dense_tiles.h"
#include "duet/ops/winograd_tiles.h"

namespace duet {
const WinogradKernels* winograd_kernels_bf16(int64_t side, int64_t taps) {
  return choose_winograd<BFloat16>(side, taps);
}
const DenseKernels* dense_kernels_bf16() { return &DenseTiles<BFloat16>::kernels; }
}  // namespace duet

#else

namespace duet {
const WinogradKernels* winograd_kernels_bf16(int64_t, int64_t) { return nullptr; }
const DenseKernels* dense_kernels_bf16() { return nullptr; }
}  // namespace duet

#endif
