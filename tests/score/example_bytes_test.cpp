#include "duet/score/example_bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace duet {
namespace {

TEST(StratifiedIndices, AreAllOfASmallSet) {
  EXPECT_EQ(stratified_indices(4, 10), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_TRUE(stratified_indices(0, 10).empty());
}

TEST(StratifiedIndices, AscendWithoutRepeatingAndReachTheWholeSet) {
  const auto indices = stratified_indices(1'000, 667);
  ASSERT_EQ(indices.size(), 667u);
  for (size_t i = 1; i < indices.size(); ++i) EXPECT_LT(indices[i - 1], indices[i]);
  EXPECT_LT(indices.front(), 2);
  EXPECT_GE(indices.back(), 998);
}

TEST(StratifiedIndices, DoNotKeepStepWithAPeriodOfTheStoredOrder) {
  std::array<int, 12> count{};
  for (const auto index : stratified_indices(60'000, 5'000)) ++count[static_cast<size_t>(index % 12)];
  for (const int c : count) EXPECT_NEAR(c, 5'000 / 12, 80);
}

}  // namespace
}  // namespace duet
