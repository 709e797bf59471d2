// The fuzz targets of the sources with tensors on their seeds; libFuzzer goes further, see CONTRIBUTING.md.
#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "tests/fuzz/replay.h"

namespace duet {
namespace {

constexpr uint64_t kMutations = 400;

TEST(Fuzz, FindsNothingInSafetensors) { replay(fuzz_safetensors(), kMutations); }
TEST(Fuzz, FindsNothingInRunJson) { replay(fuzz_run_json(), kMutations); }
TEST(Fuzz, FindsNothingInEvents) { replay(fuzz_events(), kMutations); }
TEST(Fuzz, FindsNothingInLayer) { replay(fuzz_layer(), kMutations); }

}  // namespace
}  // namespace duet
