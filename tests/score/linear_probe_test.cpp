#include "duet/score/linear_probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace duet {
namespace {

/// Rows around one centre for each class.
LabelledRows clusters(int64_t n, double distance, uint64_t seed) {
  auto generator = make_generator(seed);
  const auto labels = torch::arange(n) % 3;
  const auto centres = torch::tensor({{0.F, 0.F}, {1.F, 0.F}, {0.F, 1.F}}) * distance;
  return {torch::empty({n, 2}).normal_(0, 1, generator) + centres.index_select(0, labels), labels};
}

TEST(LinearProbe, IsAsRightAsTheBestStraightLines) {
  // Two far clusters are told apart without an error; of near ones the best rule, the nearest centre, errs as often.
  EXPECT_EQ(probe_accuracy(clusters(300, 20, 1), clusters(3000, 20, 2), 3), 1);
  const auto test = clusters(3000, 2, 4);
  const auto centres = torch::tensor({{0.F, 0.F}, {2.F, 0.F}, {0.F, 2.F}});
  const auto best =
      torch::cdist(test.rows, centres).argmin(1).eq(test.labels).to(torch::kFloat64).mean().item<double>();
  EXPECT_LT(best, 0.9);
  EXPECT_NEAR(probe_accuracy(clusters(3000, 2, 3), test, 3), best, 0.015);
}

TEST(LinearProbe, FindsNothingWhereThereIsNothing) {
  auto train = clusters(600, 0, 5);
  EXPECT_NEAR(probe_accuracy(train, clusters(3000, 0, 6), 3), 1.0 / 3, 0.05);
}

TEST(LinearProbe, DependsOnNothingElse) {
  const auto train = clusters(500, 2, 1), test = clusters(500, 2, 2);
  const auto first = probe_accuracy(train, test, 3);
  torch::rand({7});  // of the global generator
  EXPECT_EQ(probe_accuracy(train, test, 3), first);
  // Nor on the features' scales.
  const auto scale = torch::tensor({1000.F, 0.01F});
  EXPECT_NEAR(probe_accuracy({train.rows * scale, train.labels}, {test.rows * scale, test.labels}, 3), first, 0.01);
}

TEST(BalancedChoice, TakesEachClassAsOftenAsItCan) {
  std::vector<int64_t> labels;
  for (int i = 0; i < 100; ++i) labels.push_back(i < 80 ? 0 : i < 95 ? 1 : 2);
  labels.push_back(-1);  // unlabelled
  const auto count = [&](const std::vector<int64_t>& chosen) {
    std::map<int64_t, int> counts;
    for (const auto i : chosen) ++counts[labels[static_cast<size_t>(i)]];
    return counts;
  };
  EXPECT_EQ(count(balanced_choice(labels, 3, 12, 1)), (std::map<int64_t, int>{{0, 4}, {1, 4}, {2, 4}}));
  EXPECT_EQ(count(balanced_choice(labels, 3, 30, 1)), (std::map<int64_t, int>{{0, 13}, {1, 12}, {2, 5}}));
  auto all = balanced_choice(labels, 3, 1000, 1);
  EXPECT_EQ(all.size(), 100u);
  EXPECT_NE(balanced_choice(labels, 3, 12, 1), balanced_choice(labels, 3, 12, 2));
  const auto few = balanced_choice(labels, 3, 12, 1);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), all.begin())) << "more labels are the same and others";
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end()) << "none twice";
}

}  // namespace
}  // namespace duet
