#include "duet/ops/phases.h"

#include <gtest/gtest.h>

#include "duet/core/random.h"
#include "duet/ops/machine.h"

namespace duet {
namespace {

TEST(InputByPhases, EqualsLibTorchsTransposedConvolutionAtRandomShapes) {
  int64_t fitting = 0, oblong = 0;
  for (uint64_t i = 0; i < 80; ++i) {
    Random random(9, 0, i);
    Window w{};
    // Every other one is another across than down; one dimension may then do without a stride.
    const auto drawn = [&](int64_t least) {
      const int64_t stride = least + random.below(2), kernel = stride + random.below(4);
      return std::array{kernel, stride, random.below(kernel / 2 + 1), random.below(stride)};
    };
    const auto down = drawn(2), along = i % 2 == 0 ? down : drawn(1);
    w = {{down[0], along[0]}, {down[1], along[1]}, {down[2], along[2]}};
    const int64_t n = 1 + random.below(3);
    const int64_t channels = 1 + random.below(40), maps = 1 + random.below(40), height = 2 + random.below(4);
    auto generator = make_generator(i);
    const auto normal = [&](std::vector<int64_t> sizes) { return torch::empty(sizes).normal_(0, 1, generator); };
    const auto y = normal({n, maps, height, height + 1}).contiguous(torch::MemoryFormat::ChannelsLast);
    const auto weight = normal({maps, channels, w.kernel.height, w.kernel.width});
    SCOPED_TRACE(testing::Message() << i << ": kernel " << to_string(w.kernel) << ", stride " << to_string(w.stride)
                                    << ", padding " << to_string(w.padding) << ", map " << y.sizes());
    const auto truth =
        torch::conv_transpose2d(y, weight, {}, {down[1], along[1]}, {down[2], along[2]}, {down[3], along[3]});
    const auto size = truth.sizes().vec();
    const auto phases = InputByPhases::make(w, size, y.sizes().vec(), torch::kFloat32);
    if (!phases) continue;
    (i % 2 == 0 ? fitting : oblong) += 1;
    const auto x = torch::full(size, 7.0).contiguous(torch::MemoryFormat::ChannelsLast);
    phases->run(y, weight, x);
    EXPECT_LE((x - truth).norm().item<double>(), 1e-5 * truth.norm().item<double>());
    weight.mul_(1.5);  // seen although it changed in place
    phases->run(y, weight, x);
    EXPECT_LE((x - 1.5 * truth).norm().item<double>(), 2e-5 * truth.norm().item<double>());
  }
  EXPECT_GT(fitting, 20);
  EXPECT_GT(oblong, 10);
}

TEST(InputByPhases, FitsTheWindowsOfGans) {
  for (const auto& [window, side, map] : std::vector<std::tuple<Window, int64_t, int64_t>>{
           {{4, 2, 1}, 16, 8}, {{5, 2, 2}, 16, 8}, {{6, 2, 2}, 16, 8}, {{3, 2, 1}, 16, 8}})
    EXPECT_TRUE(InputByPhases::make(window, {2, 32, side, side}, {2, 64, map, map}, torch::kFloat32))
        << to_string(window.kernel) << " " << to_string(window.padding);
  EXPECT_FALSE(InputByPhases::make({3, 1, 1}, {2, 32, 8, 8}, {2, 64, 8, 8}, torch::kFloat32)) << "no stride";
}

TEST(InputByPhases, InBfloat16StaysNearTheTruth) {
  if (!knows_bfloat16()) GTEST_SKIP() << "oneDNN has no products of bfloat16 for this CPU";
  const auto y = torch::randn({3, 64, 5, 6}).to(torch::kBFloat16).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto weight = torch::randn({64, 32, 4, 4});
  const auto truth = torch::conv_transpose2d(y.to(torch::kFloat32), weight, {}, 2, 1);
  const auto x = torch::empty(truth.sizes(), torch::kBFloat16).contiguous(torch::MemoryFormat::ChannelsLast);
  InputByPhases::make({4, 2, 1}, x.sizes().vec(), y.sizes().vec(), torch::kBFloat16)->run(y, weight, x);
  EXPECT_LE((x.to(torch::kFloat32) - truth).norm().item<double>(), 0.01 * truth.norm().item<double>());
}

}  // namespace
}  // namespace duet
