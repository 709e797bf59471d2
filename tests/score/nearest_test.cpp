#include "duet/score/nearest.h"

#include <gtest/gtest.h>

#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

Tensor drawn(int64_t n, int64_t d, uint64_t seed) { return torch::rand({n, d}, make_generator(seed)); }

TEST(Nearest, AgreesWithAllDistances) {
  const auto rows = drawn(700, 30, 1), others = drawn(900, 30, 2);
  const auto [distance, index] = torch::cdist(rows.to(torch::kFloat64), others.to(torch::kFloat64)).min(1);
  const auto found = nearest_rows(rows, others);
  EXPECT_TRUE(torch::equal(found.index, index));
  EXPECT_LT((found.distance - distance).abs().max().item<double>(), 1e-5);
}

TEST(Nearest, AmongThemselvesIsAnotherRow) {
  auto rows = drawn(600, 20, 1);
  rows[599] = rows[3];
  const auto found = nearest_among(rows);
  auto distances = torch::cdist(rows.to(torch::kFloat64), rows.to(torch::kFloat64));
  distances.fill_diagonal_(1e9);
  // Rows 3 and 599 are as near to any other.
  const auto of_index = distances.gather(1, found.index.view({-1, 1})).flatten();
  EXPECT_LT((of_index - std::get<0>(distances.min(1))).abs().max().item<double>(), 1e-12);
  EXPECT_EQ(found.distance[3].item<float>(), 0);
  EXPECT_EQ(found.distance[599].item<float>(), 0);
  EXPECT_EQ((found.distance == 0).sum().item<int64_t>(), 2);
  EXPECT_EQ(nearest_among(drawn(2, 5, 1)).index[0].item<int64_t>(), 1);
}

TEST(Nearest, FindsEveryPlantedCopyInASetThatIsReadInParts) {
  const auto train = shapes_dataset(20'500, 1);
  auto samples = shapes_dataset(300, 2).examples().clone();
  for (int64_t i = 0; i < 20; ++i) samples[13 * i] = train.examples()[1'024 * i];
  const auto found = nearest_examples(plain_rows(samples), train, 20'500);
  EXPECT_EQ((found.distance == 0).sum().item<int64_t>(), 20);
  for (int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(found.distance[13 * i].item<float>(), 0) << i;
    EXPECT_EQ(found.index[13 * i].item<int64_t>(), 1'024 * i);
  }
}

TEST(Nearest, PlainRowsArePixelsOfOneAndNumbersAsTheyAre) {
  const TensorDataset bytes(torch::tensor({0, 51, 255, 102}, torch::kUInt8).reshape({2, 1, 1, 2}), {}, {});
  EXPECT_TRUE(torch::allclose(plain_rows(bytes, {1, 0}), torch::tensor({{1.0f, 0.4f}, {0.0f, 0.2f}})));
  const TensorDataset numbers(torch::tensor({7.5f, -3.0f}).reshape({1, 2, 1, 1}), {}, {});
  EXPECT_TRUE(torch::equal(plain_rows(numbers, {0}), torch::tensor({{7.5f, -3.0f}})));
}

TEST(NearDuplicates, AreNearerThanOnePercentOfRealOnes) {
  const auto distances = torch::arange(1, 1'001).to(torch::kFloat32);
  const auto threshold = near_threshold(distances);
  EXPECT_EQ(threshold, 11);
  EXPECT_NEAR(share_near(distances, threshold), 0.01, 1e-12);
  EXPECT_NEAR(share_near(torch::tensor({0.0f, 11.0f, 10.9f, 12.0f}), threshold), 0.5, 1e-12);
  // Where real examples repeat, only copies count.
  EXPECT_NEAR(share_near(torch::tensor({0.0f, 1.0f}), near_threshold(torch::zeros({100}))), 0.5, 1e-12);
  EXPECT_EQ(near_threshold(torch::tensor({5.0f})), 5);
}

}  // namespace
}  // namespace duet
