#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include <gtest/gtest.h>

#include <cmath>

#include "duet/data/feed.h"
#include "tests/data/counting_dataset.h"

namespace duet {
namespace {

TEST(Mirror, FallsOnHalfOfAllAndAnewInEveryEpoch) {
  constexpr int64_t kSize = 100'000;
  Feed feed(std::make_shared<CountingDataset>(kSize), {.batch = kSize, .mirror = true, .seed = 2});
  const auto first = feed.picks(0), second = feed.picks(kSize);
  const auto share = [](const Tensor& x) { return x.to(torch::kFloat64).mean().item<double>(); };
  const double error = 5 * 0.5 / std::sqrt(static_cast<double>(kSize));  // five standard errors
  EXPECT_NEAR(share(first.mirrored), 0.5, error);
  EXPECT_NEAR(share(second.mirrored), 0.5, error);
  // The same example in the next epoch is thrown for again, and its neighbour in the batch for itself.
  const auto of_example = [](const Feed::Picks& picks) {
    return torch::empty({kSize}, torch::kBool).index_put_({picks.indices}, picks.mirrored);
  };
  EXPECT_NEAR(share(of_example(first) == of_example(second)), 0.5, error);
  EXPECT_NEAR(share(first.mirrored.narrow(0, 1, kSize - 1) == first.mirrored.narrow(0, 0, kSize - 1)), 0.5, error);
}

}  // namespace
}  // namespace duet
