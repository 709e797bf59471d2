#include "duet/data/picker.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/data/damage.h"

namespace duet {
namespace {

/// Labels as given; nothing else of it is asked.
class Labelled final : public Dataset {
 public:
  explicit Labelled(std::vector<int64_t> labels, int64_t classes = 0, bool endless = false)
      : labels_(std::move(labels)) {
    info_.name = "labelled";
    info_.size = static_cast<int64_t>(labels_.size());
    info_.endless = endless;
    for (int64_t i = 0; i < classes; ++i) info_.classes.push_back(std::to_string(i));
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t, void*) const override {}
  int64_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  std::string where(int64_t) const override { return ""; }

 private:
  std::vector<int64_t> labels_;
  DatasetInfo info_;
};

std::vector<int64_t> picks(Picker& picker, int64_t count) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(picker.index_at(i));
  return all;
}

TEST(Picker, TakesEachExampleOnceInEveryEpochAndAnotherOrderBySeedAndEpoch) {
  const Labelled set(std::vector<int64_t>(7, -1));
  Picker picker(set, {.seed = 5}), other(set, {.seed = 6});
  const auto two = picks(picker, 14);
  const std::vector<int64_t> first(two.begin(), two.begin() + 7), second(two.begin() + 7, two.end());
  EXPECT_EQ(std::set<int64_t>(first.begin(), first.end()).size(), 7u);
  EXPECT_EQ(std::set<int64_t>(second.begin(), second.end()).size(), 7u);
  EXPECT_NE(first, second);
  EXPECT_NE(picks(other, 7), first);
}

TEST(Picker, TellsOfAnyPositionWithoutThoseBefore) {
  const Labelled set({0, 1, 1, 2, 2, 2, 2, 0}, 3);
  for (const char* order : {"shuffled", "balanced"}) {
    Picker whole(set, {.seed = 5, .order = order});
    const auto all = picks(whole, 60);
    for (const int64_t position : {59, 3, 31, 0}) {
      Picker fresh(set, {.seed = 5, .order = order});
      EXPECT_EQ(fresh.index_at(position), all[static_cast<size_t>(position)]) << order << position;
    }
  }
}

TEST(Picker, BalancedGivesEachClassThatHasExamplesTheSameNumberOfPlaces) {
  // One example of class 0, two of 1, none of 2, five of 3.
  const Labelled set({3, 1, 3, 0, 3, 1, 3, 3}, 4);
  Picker picker(set, {.seed = 2, .order = "balanced"});
  EXPECT_FALSE(picker.covers_each_epoch());
  std::map<int64_t, std::vector<int64_t>> of;
  for (const auto index : picks(picker, 3 * 10)) of[set.label(index)].push_back(index);
  EXPECT_EQ(of[0], std::vector<int64_t>(10, 3));
  ASSERT_EQ(of[1].size(), 10u);
  ASSERT_EQ(of[3].size(), 10u);
  // Of a class each once before any comes again.
  for (size_t i = 0; i < 10; i += 2) EXPECT_NE(of[1][i], of[1][i + 1]);
  for (size_t i = 0; i < 10; i += 5)
    EXPECT_EQ(
        std::set<int64_t>(of[3].begin() + static_cast<ptrdiff_t>(i), of[3].begin() + static_cast<ptrdiff_t>(i) + 5)
            .size(),
        5u);
  // In every three places each class once, and not always in one order.
  std::set<std::vector<int64_t>> orders;
  for (int64_t i = 0; i < 30; i += 3) {
    std::vector<int64_t> labels;
    for (int64_t k = 0; k < 3; ++k) labels.push_back(set.label(picker.index_at(i + k)));
    orders.insert(labels);
    EXPECT_EQ(std::set<int64_t>(labels.begin(), labels.end()).size(), 3u);
  }
  EXPECT_GT(orders.size(), 1u);
}

TEST(Picker, BalancedShufflesEachClassByItself) {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 40; ++i) labels.push_back(i % 2);
  const Labelled set(labels, 2);
  Picker picker(set, {.seed = 2, .order = "balanced"});
  std::map<int64_t, std::vector<int64_t>> of;
  for (const auto index : picks(picker, 40)) of[index % 2].push_back(index / 2);
  EXPECT_NE(of[0], of[1]);
}

TEST(Picker, RefusesToBalanceWhatHasNoClassesOrNoEnd) {
  const auto refused = [](const Labelled& set) {
    return error_of([&] { Picker(set, {.seed = 0, .order = "balanced"}); }, Fault::recipe);
  };
  EXPECT_EQ(refused(Labelled({-1, -1})),
            "order = \"balanced\": labelled has no labels; expected labelled examples of a known number; leave it out");
  EXPECT_EQ(refused(Labelled({0, 1}, 2, /*endless=*/true)),
            "order = \"balanced\": labelled is endless; expected labelled examples of a known number; leave it out");
}

}  // namespace
}  // namespace duet
