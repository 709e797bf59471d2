#include "duet/data/stacked.h"

#include <gtest/gtest.h>

#include <set>

#include "duet/data/builtin.h"
#include "duet/data/split.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {
namespace {

std::vector<uint8_t> read(const Dataset& set, int64_t index) {
  std::vector<uint8_t> bytes(static_cast<size_t>(set.info().shape.numel()));
  set.read(index, bytes.data());
  return bytes;
}

/// 40 grey digits, a finite set.
std::shared_ptr<const Dataset> forty() {
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < 40; ++i) indices.push_back(i);
  return subset(open_builtin("digits", {}).train, indices);
}

TEST(Stacked, HasAThousandClassesOfThreeDigits) {
  const auto set = open_source("stacked:digits", {}).train;
  EXPECT_EQ(set->info().shape, (Shape{3, 28, 28}));
  EXPECT_TRUE(set->info().endless);
  ASSERT_EQ(set->info().classes.size(), 1'000u);
  EXPECT_EQ(set->info().classes[314], "314");
  std::set<int64_t> seen;
  for (int64_t i = 0; i < 3'000; ++i) seen.insert(set->label(i));
  EXPECT_NEAR(static_cast<double>(seen.size()), 950, 30);  // 1000 (1 - e^-3)
}

TEST(Stacked, PutsExamplesOfTheGreySetIntoTheChannels) {
  const auto grey = forty();
  const auto set = stacked_source({grey, nullptr}, 7).train;
  std::set<int64_t> used;
  for (int64_t i = 0; i < 60; ++i) {
    const auto whole = read(*set, i);
    int64_t label = 0;
    for (int64_t c = 0; c < 3; ++c) {
      const std::vector<uint8_t> channel(whole.begin() + c * 784, whole.begin() + (c + 1) * 784);
      int64_t found = -1;
      for (int64_t k = 0; k < 40; ++k)
        if (read(*grey, k) == channel) found = k;
      ASSERT_GE(found, 0) << i;
      used.insert(found);
      label = label * 10 + grey->label(found);
    }
    EXPECT_EQ(set->label(i), label);
  }
  EXPECT_GT(used.size(), 35u) << "drawn from the whole set";
  EXPECT_EQ(read(*set, 5), read(*stacked_source({grey, nullptr}, 7).train, 5));
  EXPECT_NE(read(*set, 5), read(*stacked_source({grey, nullptr}, 8).train, 5));
}

TEST(Stacked, DrawsItsTestPartFromTheTestPart) {
  const auto grey = forty();
  const auto test = subset(open_builtin("digits", {}).train, {1'000});
  const auto set = stacked_source({grey, test}, 7);
  ASSERT_TRUE(set.test);
  EXPECT_EQ(set.test->info().size, 1);
  const auto only = read(*test, 0), stacked = read(*set.test, 123);
  for (size_t i = 0; i < stacked.size(); ++i) ASSERT_EQ(stacked[i], only[i % 784]);
}

TEST(Stacked, GivesItsChannelsAsExamples) {
  const auto set = stacked_source({forty(), nullptr}, 7).train;
  const auto channels = channels_of(*set);
  EXPECT_EQ(channels->info().classes.size(), 10u);
  EXPECT_EQ(channels->info().shape, (Shape{1, 28, 28}));
  for (int64_t i = 0; i < 30; ++i) {
    const auto whole = read(*set, i / 3);
    const auto begin = whole.begin() + i % 3 * 784;
    EXPECT_EQ(read(*channels, i), std::vector<uint8_t>(begin, begin + 784));
  }
  for (int64_t i = 0; i < 20; ++i)
    EXPECT_EQ(set->label(i),
              channels->label(3 * i) * 100 + channels->label(3 * i + 1) * 10 + channels->label(3 * i + 2));
}

TEST(Stacked, RefusesWhatHasNoGreyPictures) {
  for (const auto* spec : {"stacked:ring", "stacked:stacked:digits"})
    EXPECT_NE(error_of([&] { open_source(spec, {}); }).find("expected grey pictures"), std::string::npos) << spec;
  EXPECT_NE(error_of([] { open_source("stacked:digits", {.channels = 1}); }, Fault::recipe).find("has three"),
            std::string::npos);
}

TEST(Stacked, KeepsItsMeaningInOtherFolders) {
  EXPECT_EQ(absolute_spec("stacked:digits"), "stacked:digits");
  EXPECT_TRUE(absolute_spec("stacked:here/mnist").starts_with("stacked:/"));
  EXPECT_TRUE(data_exist("stacked:digits"));
  EXPECT_FALSE(data_exist("stacked:/no/such/folder"));
}

}  // namespace
}  // namespace duet
