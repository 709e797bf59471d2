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
  EXPECT_NEAR(share(first.mirrored == second.mirrored), 0.5, error) << "of a place in an epoch";
  // The same example in the next epoch is thrown for again, and its neighbour in the batch for itself.
  const auto of_example = [](const Feed::Picks& picks) {
    return torch::empty({kSize}, torch::kBool).index_put_({picks.indices}, picks.mirrored);
  };
  EXPECT_NEAR(share(of_example(first) == of_example(second)), 0.5, error);
  EXPECT_NEAR(share(first.mirrored.narrow(0, 1, kSize - 1) == first.mirrored.narrow(0, 0, kSize - 1)), 0.5, error);
}

/// Two channels of floats that tell channel, row and column.
class TwoChannels final : public Dataset {
 public:
  TwoChannels() {
    info_.shape = {2, 2, 3};
    info_.element = Element::float32;
    info_.size = 8;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t, void* out) const override {
    for (int i = 0; i < 12; ++i) static_cast<float*>(out)[i] = 0.1F + static_cast<float>(i);
  }
  int64_t label(int64_t) const override { return -1; }
  std::string where(int64_t) const override { return ""; }

 private:
  DatasetInfo info_;
};

TEST(Mirror, TurnsWholeNumbersRoundInEveryChannel) {
  Feed feed(std::make_shared<TwoChannels>(), {.batch = 8, .mirror = true, .seed = 2});
  const auto mirrored = feed.picks(0).mirrored;
  EXPECT_TRUE(mirrored.any().item<bool>());
  const auto plain = (torch::arange(12, torch::kFloat32) + 0.1F).view({2, 2, 3});
  const auto batch = feed.next().stored;
  for (int64_t i = 0; i < 8; ++i)
    EXPECT_TRUE(torch::equal(batch[i], mirrored[i].item<bool>() ? plain.flip(2) : plain)) << i;
}

}  // namespace
}  // namespace duet
