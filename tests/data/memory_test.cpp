#include "duet/data/memory.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "duet/core/error.h"
#include "tests/data/counting_dataset.h"

namespace duet {
namespace {

TEST(Memory, DecodesEachExampleOnce) {
  const auto counting = std::make_shared<CountingDataset>(10);
  const auto kept = keep_in_memory(counting, 1000);
  float value = -1;
  for (int round = 0; round < 3; ++round)
    for (int64_t i = 0; i < 10; ++i) {
      kept->read(i, &value);
      EXPECT_EQ(value, static_cast<float>(i));
    }
  EXPECT_EQ(counting->reads, 10);
  EXPECT_EQ(kept->label(3), 3);
  EXPECT_EQ(kept->where(3), "counting[3]");
}

TEST(Memory, ReturnsTheSetItselfWhenItIsEndlessOrTooLarge) {
  const auto endless = std::make_shared<CountingDataset>(10, true), finite = std::make_shared<CountingDataset>(10);
  EXPECT_EQ(keep_in_memory(endless, 1000), endless);
  EXPECT_EQ(keep_in_memory(finite, 39), finite);
  EXPECT_NE(keep_in_memory(finite, 40), finite);
}

TEST(Memory, GivesEveryThreadTheWholeExample) {
  const int64_t size = 20'000;
  const auto counting = std::make_shared<CountingDataset>(size);
  const auto kept = keep_in_memory(counting, 1'000'000);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      float value = -1;
      for (int round = 0; round < 2; ++round)
        for (int64_t i = 0; i < size; ++i) {
          kept->read(i, &value);
          if (value != static_cast<float>(i)) ++wrong;
        }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LT(counting->reads, 4 * size + 1);
  const int before = counting->reads;
  float value = -1;
  for (int64_t i = 0; i < size; ++i) kept->read(i, &value);
  EXPECT_EQ(counting->reads, before);
}

/// Fails the first time.
class FlakyDataset final : public Dataset {
 public:
  FlakyDataset() {
    info_.shape = {1, 1, 1};
    info_.size = 1;
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t, void* out) const override {
    if (++reads_ == 1) fail(Fault::data, "flaky[0]: damaged");
    *static_cast<uint8_t*>(out) = 42;
  }
  int64_t label(int64_t) const override { return -1; }
  std::string where(int64_t) const override { return "flaky[0]"; }

 private:
  DatasetInfo info_;
  mutable int reads_ = 0;
};

TEST(Memory, KeepsNothingOfAnExampleThatCouldNotBeRead) {
  const auto kept = keep_in_memory(std::make_shared<FlakyDataset>(), 1000);
  uint8_t value = 0;
  EXPECT_THROW(kept->read(0, &value), Error);
  kept->read(0, &value);
  EXPECT_EQ(value, 42);
}

}  // namespace
}  // namespace duet
