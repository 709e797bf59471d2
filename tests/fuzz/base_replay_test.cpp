// The fuzz targets of the sources without tensors on their seeds; libFuzzer goes further, see CONTRIBUTING.md.
#include "tests/fuzz/replay.h"

namespace duet {
namespace {

constexpr uint64_t kMutations = 400;

TEST(Fuzz, FindsNothingInPng) { replay(fuzz_png(), kMutations); }
TEST(Fuzz, FindsNothingInJpeg) { replay(fuzz_jpeg(), kMutations); }
TEST(Fuzz, FindsNothingInWebp) { replay(fuzz_webp(), kMutations); }
TEST(Fuzz, FindsNothingInTiff) { replay(fuzz_tiff(), kMutations); }
TEST(Fuzz, FindsNothingInExif) { replay(fuzz_exif(), kMutations); }
TEST(Fuzz, FindsNothingInIdx) { replay(fuzz_idx(), kMutations); }
TEST(Fuzz, FindsNothingInCifar) { replay(fuzz_cifar(), kMutations); }
TEST(Fuzz, FindsNothingInNpy) { replay(fuzz_npy(), kMutations); }
TEST(Fuzz, FindsNothingInNpz) { replay(fuzz_npz(), kMutations); }
TEST(Fuzz, FindsNothingInCsv) { replay(fuzz_csv(), kMutations); }
TEST(Fuzz, FindsNothingInTar) { replay(fuzz_tar(), kMutations); }
TEST(Fuzz, FindsNothingInZip) { replay(fuzz_zip(), kMutations); }
TEST(Fuzz, FindsNothingInToml) { replay(fuzz_toml(), kMutations); }

}  // namespace
}  // namespace duet
