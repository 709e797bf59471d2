#include "duet/data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/data/counting_dataset.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

std::shared_ptr<const Dataset> counting(int64_t size, bool endless = false) {
  return std::make_shared<CountingDataset>(size, endless);
}

/// The original indices of a part, which CountingDataset gives as labels.
std::vector<int64_t> indices(const Dataset& part) {
  std::vector<int64_t> found;
  for (int64_t i = 0; i < part.info().size; ++i) found.push_back(part.label(i));
  return found;
}

TEST(Split, HoldsOutTheOfficialTestPartWhereThereIsOne) {
  const Source source{counting(50), counting(7)};
  const Split split = split_source(source, {});
  EXPECT_EQ(split.held_out, source.test);
  EXPECT_EQ(split.train, source.train);
}

TEST(Split, HoldsOutATenthOtherwiseAtLeastOneAtMostTenThousand) {
  EXPECT_EQ(split_source({counting(50), nullptr}, {}).held_out->info().size, 5);
  EXPECT_EQ(split_source({counting(3), nullptr}, {}).held_out->info().size, 1);
  EXPECT_EQ(split_source({counting(300'000), nullptr}, {}).held_out->info().size, 10'000);
  EXPECT_NE(error_of([] { split_source({counting(1), nullptr}, {}); }).find("at least 2 are needed"),
            std::string::npos);
}

TEST(Split, PartsAreDisjointAndCompleteAndDependOnTheSeedAlone) {
  const Source source{counting(1000), nullptr};
  const Split split = split_source(source, {.held_out = 200, .seed = 5});
  const auto train = indices(*split.train), held_out = indices(*split.held_out);
  EXPECT_EQ(train.size(), 800u);
  EXPECT_EQ(held_out.size(), 200u);
  std::set<int64_t> all(train.begin(), train.end());
  all.insert(held_out.begin(), held_out.end());
  EXPECT_EQ(all.size(), 1000u);
  EXPECT_EQ(indices(*split_source(source, {.held_out = 200, .seed = 5}).held_out), held_out);
  EXPECT_NE(indices(*split_source(source, {.held_out = 200, .seed = 6}).held_out), held_out);
  EXPECT_LT(held_out.front(), 50);  // taken from everywhere, not from one end
  EXPECT_GT(held_out.back(), 950);
}

TEST(Split, TakesAGivenCountFromTheTrainingPartAndLeavesTheTestPartAlone) {
  const Source source{counting(100), counting(7)};
  const Split split = split_source(source, {.held_out = 20});
  EXPECT_NE(split.held_out, source.test);
  EXPECT_EQ(split.train->info().size, 80);
  EXPECT_EQ(split_source(source, {.held_out = 0}).held_out, nullptr);
}

TEST(Split, KeepsTheTestPartForReportsWhereOthersAreHeldOut) {
  const Source source{counting(100), counting(7)};
  EXPECT_EQ(split_source(source, {.held_out = 20}).test, source.test);
  EXPECT_EQ(split_source(source, {.held_out = 0}).test, source.test);
  EXPECT_EQ(split_source(source, {}).test, nullptr);  // it is what is held out
  const Source endless{counting(100, true), counting(7)};
  EXPECT_EQ(split_source(endless, {.held_out = 20}).test, endless.test);
  EXPECT_EQ(split_source(endless, {}).test, nullptr);
  EXPECT_EQ(split_source(endless, {}).held_out, endless.test);
}

TEST(Split, TakesTheHeadInFileOrder) {
  const Split split = split_source({counting(10), nullptr}, {.held_out = 3, .how = "head"});
  EXPECT_EQ(indices(*split.held_out), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(indices(*split.train), (std::vector<int64_t>{3, 4, 5, 6, 7, 8, 9}));
}

TEST(Split, TakesTheTailInFileOrder) {
  const Split split = split_source({counting(10), nullptr}, {.held_out = 3, .how = "tail"});
  EXPECT_EQ(indices(*split.train), (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(indices(*split.held_out), (std::vector<int64_t>{7, 8, 9}));
}

TEST(Split, LimitsTheTrainingPartToNestedChoicesAndLeavesTheHeldOutPartAlone) {
  for (const char* how : {"shuffled", "head", "tail"}) {
    const Source source{counting(1000), nullptr};
    const Split whole = split_source(source, {.held_out = 100, .how = how});
    const Split small = split_source(source, {.held_out = 100, .how = how, .limit = 50});
    const Split large = split_source(source, {.held_out = 100, .how = how, .limit = 300});
    EXPECT_EQ(indices(*small.held_out), indices(*whole.held_out));
    const auto few = indices(*small.train), more = indices(*large.train), all = indices(*whole.train);
    EXPECT_EQ(few.size(), 50u);
    EXPECT_EQ(more.size(), 300u);
    EXPECT_TRUE(std::includes(more.begin(), more.end(), few.begin(), few.end()));
    EXPECT_TRUE(std::includes(all.begin(), all.end(), more.begin(), more.end()));
    EXPECT_GT(few.back(), 500);
  }
  EXPECT_EQ(split_source({counting(10), counting(5)}, {.limit = 1000}).train->info().size, 10);
  EXPECT_EQ(split_source({counting(10), counting(5)}, {.limit = 4}).train->info().size, 4);
}

TEST(Split, ReadsThroughToTheRightExample) {
  const Split split = split_source({counting(10), nullptr}, {.held_out = 3, .how = "tail"});
  float value = 0;
  split.held_out->read(1, &value);
  EXPECT_EQ(value, 8);
  EXPECT_EQ(split.held_out->where(1), "counting[8]");
  EXPECT_EQ(error_of([&] { split.held_out->read(3, &value); }, Fault::internal),
            "counting: example 3 of a part with 3 was asked for");
}

TEST(Split, DrawsHeldOutExamplesOfAnEndlessSetFromARangeOfTheirOwn) {
  const Split split = split_source({counting(60'000, true), nullptr}, {});
  EXPECT_TRUE(split.train->info().endless);
  EXPECT_EQ(split.held_out->info().size, 10'000);
  EXPECT_EQ(split.held_out->label(0), int64_t{1} << 40);
  EXPECT_EQ(split.held_out->where(3), "counting[1099511627779]");
  EXPECT_TRUE(split.held_out->info().endless);
  float value = 0;
  split.held_out->read(0, &value);
  EXPECT_EQ(value, static_cast<float>(int64_t{1} << 40));
  const Source tested{counting(60'000, true), counting(7)};
  EXPECT_EQ(split_source(tested, {}).held_out, tested.test);
  EXPECT_EQ(split_source(tested, {.held_out = 77}).held_out->info().size, 77) << "drawn, where a count is given";
  EXPECT_EQ(split_source(tested, {.held_out = 0}).held_out, nullptr);
  EXPECT_EQ(split_source({counting(60'000, true), nullptr}, {.held_out = 77}).held_out->info().size, 77);
  const auto few = split_source({counting(60'000, true), nullptr}, {.limit = 5}).train;
  EXPECT_FALSE(few->info().endless);
  EXPECT_EQ(indices(*few), (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(Split, RefusesOptionsThatDoNotFit) {
  const Source source{counting(10), nullptr};
  const auto text = [&](const SplitOptions& options) {
    return error_of([&] { split_source(source, options); }, Fault::recipe);
  };
  EXPECT_NE(text({.held_out = 10}).find("held_out: 10, but counting has 10 training examples"), std::string::npos);
  EXPECT_NE(text({.held_out = -2}).find("held_out: -2"), std::string::npos);
  EXPECT_NE(text({.limit = -1}).find("limit: -1"), std::string::npos);
  EXPECT_NE(text({.how = "random"}).find("split: 'random'; expected \"shuffled\", \"head\" or \"tail\""),
            std::string::npos);
}

/// Three classes in turn, but the last one only for the first 30 examples.
class Classes final : public Dataset {
 public:
  explicit Classes(int64_t size, bool endless = false) {
    info_.name = "classes";
    info_.shape = {1, 1, 1};
    info_.element = Element::float32;
    info_.size = size;
    info_.endless = endless;
    info_.classes = {"a", "b", "c"};
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t, void*) const override {}
  int64_t label(int64_t index) const override { return index < 30 ? index % 3 : index % 2; }
  std::string where(int64_t) const override { return ""; }

 private:
  DatasetInfo info_;
};

std::vector<int64_t> count_of_classes(const Dataset& part) {
  std::vector<int64_t> count(3, 0);
  for (int64_t i = 0; i < part.info().size; ++i) ++count[static_cast<size_t>(part.label(i))];
  return count;
}

TEST(Split, LimitsEachClassAlikeIfAskedTo) {
  for (const bool endless : {false, true}) {
    const Source source{std::make_shared<Classes>(300, endless), nullptr};
    const auto counted = [&](int64_t limit) {
      return count_of_classes(*split_source(source, {.held_out = 0, .limit = limit, .balanced = true}).train);
    };
    EXPECT_EQ(counted(12), (std::vector<int64_t>{4, 4, 4})) << endless;
    EXPECT_EQ(counted(14), (std::vector<int64_t>{5, 5, 4})) << endless;
    EXPECT_EQ(counted(90), (std::vector<int64_t>{30, 30, 10})) << endless << ": there are no more of the last class";
  }
}

TEST(Split, LimitsClassesBesideWhatIsHeldOut) {
  const Source source{std::make_shared<Classes>(300), nullptr};
  const auto first = [&](uint64_t seed) {
    const auto part = split_source(source, {.seed = seed, .limit = 9, .balanced = true});
    EXPECT_EQ(part.held_out->info().size, 30);
    return part.train->info().size;
  };
  EXPECT_EQ(first(1), 9);
  EXPECT_EQ(first(2), 9);
}

}  // namespace
}  // namespace duet
