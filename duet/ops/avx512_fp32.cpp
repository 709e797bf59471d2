// Compiled for AVX-512 (CMakeLists.txt); called only where the CPU has it.
#include "duet/ops/dense_kernels.h"
#include "duet/ops/winograd_kernels.h"

#ifdef __AVX512F__
#include "duet/ops/dense_tiles.h"
#include "duet/ops/winograd_tiles.h"

namespace duet {
const WinogradKernels* winograd_kernels_fp32(int64_t side, int64_t taps) {
  return choose_winograd<Float32>(side, taps);
}
const DenseKernels* dense_kernels_fp32() { return &DenseTiles<Float32>::kernels; }
}  // namespace duet

#else

namespace duet {
const WinogradKernels* winograd_kernels_fp32(int64_t, int64_t) { return nullptr; }
const DenseKernels* dense_kernels_fp32() { return nullptr; }
}  // namespace duet

#endif
