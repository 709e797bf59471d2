#include "duet/data/builtin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "duet/core/error.h"

namespace duet {
namespace {

size_t bytes_of(const DatasetInfo& info) {
  return static_cast<size_t>(info.shape.numel()) * (info.element == Element::uint8 ? 1 : sizeof(float));
}

std::vector<std::byte> read(const Dataset& set, int64_t index) {
  std::vector<std::byte> example(bytes_of(set.info()));
  set.read(index, example.data());
  return example;
}

std::string message_of(const std::string& name, const SourceOptions& options, Fault fault) {
  try {
    open_builtin(name, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault);
    return error.what();
  }
  return "no error";
}

TEST(Builtin, ListsEverySetOnceAndOpensIt) {
  std::set<std::string> names;
  for (const BuiltinSet& set : builtin_sets()) {
    EXPECT_TRUE(names.insert(set.name).second) << set.name;
    EXPECT_FALSE(set.line.empty() || set.paper.empty()) << set.name;
    const Source source = open_builtin(set.name, {});
    const DatasetInfo& info = source.train->info();
    EXPECT_EQ(source.test, nullptr);
    EXPECT_EQ(info.name, set.name);
    EXPECT_EQ(info.format, "builtin");
    EXPECT_TRUE(info.endless);
    EXPECT_EQ(info.size, info.element == Element::uint8 ? 60'000 : 50'000);
    const int64_t label = source.train->label(7);
    EXPECT_TRUE(info.classes.empty() ? label == -1 : label >= 0 && label < int64_t(info.classes.size())) << set.name;
  }
  EXPECT_EQ(names.size(), 13u);
}

TEST(Builtin, GivesTheSameBytesWhateverTheOrderAndTheThread) {
  for (const BuiltinSet& set : builtin_sets()) {
    const Source one = open_builtin(set.name, {.seed = 9}), two = open_builtin(set.name, {.seed = 9});
    constexpr int64_t kCount = 16, kFar = int64_t{1} << 40;
    std::vector<std::vector<std::byte>> first(kCount), second(kCount);
    std::vector<int64_t> labels(kCount);
    std::jthread forwards([&] {
      for (int64_t i = 0; i < kCount; ++i)
        first[i] = read(*one.train, i * kFar), labels[i] = one.train->label(i * kFar);
    });
    std::jthread backwards([&] {
      for (int64_t i = kCount - 1; i >= 0; --i) second[i] = read(*two.train, i * kFar);
    });
    forwards.join(), backwards.join();
    EXPECT_EQ(first, second) << set.name;
    for (int64_t i = 0; i < kCount; ++i) EXPECT_EQ(labels[i], two.train->label(i * kFar)) << set.name;
  }
}

TEST(Builtin, GivesOtherExamplesForOtherSeeds) {
  for (const BuiltinSet& set : builtin_sets()) {
    if (set.name == "nothing") continue;
    const Source one = open_builtin(set.name, {.seed = 1}), two = open_builtin(set.name, {.seed = 2});
    int same = 0;
    for (int64_t i = 0; i < 50; ++i) same += read(*one.train, i) == read(*two.train, i);
    EXPECT_LT(same, 5) << set.name;
  }
}

TEST(Builtin, WritesExactlyTheBytesOfOneExample) {
  for (const BuiltinSet& set : builtin_sets()) {
    const Source source = open_builtin(set.name, {.seed = 1});
    const size_t bytes = bytes_of(source.train->info());
    std::vector<std::byte> low(bytes + 8, std::byte{0x11}), high(bytes + 8, std::byte{0xEE});
    source.train->read(3, low.data());
    source.train->read(3, high.data());
    EXPECT_TRUE(std::equal(low.begin(), low.begin() + int64_t(bytes), high.begin())) << set.name;
    EXPECT_EQ(low[bytes], std::byte{0x11}) << set.name;
    EXPECT_EQ(high[bytes], std::byte{0xEE}) << set.name;
  }
}

TEST(Builtin, FitsPicturesToResolutionAndChannels) {
  const Source plain = open_builtin("digits", {.seed = 4});
  const Source fitted = open_builtin("digits", {.resolution = 32, .channels = 3, .seed = 4});
  ASSERT_EQ(fitted.train->info().shape, (Shape{3, 32, 32}));
  const std::vector<std::byte> small = read(*plain.train, 5), large = read(*fitted.train, 5);
  const size_t plane = 32 * 32;
  EXPECT_TRUE(std::equal(large.begin(), large.begin() + plane, large.begin() + plane));
  const auto mean = [](auto begin, auto end) {
    double sum = 0;
    for (auto at = begin; at != end; ++at) sum += std::to_integer<int>(*at);
    return sum / double(end - begin);
  };
  EXPECT_NEAR(mean(large.begin(), large.begin() + plane), mean(small.begin(), small.end()), 2);
  EXPECT_EQ(fitted.train->label(5), plain.train->label(5));
}

TEST(Builtin, RefusesASizeForVectorsNamingSetAndOption) {
  const std::string message = message_of("ring", {.resolution = 32}, Fault::recipe);
  EXPECT_NE(message.find("ring"), std::string::npos) << message;
  EXPECT_NE(message.find("data.resolution"), std::string::npos) << message;
  EXPECT_NE(message_of("topics", {.channels = 3}, Fault::recipe).find("data.channels"), std::string::npos);
}

TEST(Builtin, RefusesImpossibleOptionsAndUnknownNames) {
  EXPECT_NE(message_of("digits", {.channels = 2}, Fault::recipe).find("expected 1 (grey), 3 (RGB)"), std::string::npos);
  EXPECT_NE(message_of("digits", {.resolution = -1}, Fault::recipe).find("is -1"), std::string::npos);
  EXPECT_NE(message_of("digit", {}, Fault::data).find("digits, edges, faces"), std::string::npos);
}

TEST(Builtin, RefusesAnIndexOutsideTheDocumentedRange) {
  const Source source = open_builtin("digits", {});
  std::vector<std::byte> example(bytes_of(source.train->info()));
  EXPECT_THROW(source.train->read(-1, example.data()), Error);
  EXPECT_THROW(source.train->label(int64_t{1} << 62), Error);
  EXPECT_NO_THROW(source.train->read((int64_t{1} << 62) - 1, example.data()));
  EXPECT_EQ(open_builtin("digits", {.seed = 3}).train->where(12), "digits[12] of seed 3");
}

}  // namespace
}  // namespace duet
