#include "duet/ops/memory.h"

#include <gtest/gtest.h>

#include <fstream>

#include "duet/core/random.h"
#include "duet/core/torch.h"

namespace duet {
namespace {

double resident_mebibytes() {
  std::ifstream file("/proc/self/statm");
  int64_t all = 0, resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * 4096 / (1 << 20);
}

TEST(Memory, GivesNoByteToTwoTensors) {
  reuse_tensor_memory();
  Random random(1, 0, 0);
  std::vector<std::pair<Tensor, uint8_t>> held;
  for (int i = 0; i < 3000; ++i) {
    if (!held.empty() && random.chance(0.5)) {
      const auto at = held.begin() + static_cast<int64_t>(random.below(held.size()));
      ASSERT_TRUE(at->first.eq(at->second).all().item<bool>()) << "tensor of " << at->first.numel() << " bytes";
      held.erase(at);
    } else {
      // Around the size below which malloc serves, and far beyond it.
      const auto bytes = static_cast<int64_t>(1 + random.below(uint64_t{1} << (8 + random.below(13))));
      const auto mark = static_cast<uint8_t>(random.below(256));
      held.emplace_back(torch::full({bytes}, mark, torch::kUInt8), mark);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(held.back().first.data_ptr()) % 64, 0);
    }
  }
}

TEST(Memory, OfFreedTensorsServesTensorsOfOtherSizes) {
  reuse_tensor_memory();
  constexpr int64_t kMebibyte = 1 << 20;
  const auto touch = [](int64_t count, int64_t mebibytes) {
    std::vector<Tensor> held;
    for (int64_t i = 0; i < count; ++i) held.push_back(torch::ones({mebibytes * kMebibyte}, torch::kUInt8));
  };
  touch(2, 96);
  const double before = resident_mebibytes();
  for (const auto& [count, mebibytes] : std::vector<std::pair<int64_t, int64_t>>{{1, 190}, {6, 31}, {60, 3}, {2, 90}})
    touch(count, mebibytes);
  EXPECT_LE(resident_mebibytes(), before + 16);
}

}  // namespace
}  // namespace duet
