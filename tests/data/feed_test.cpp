#include "duet/data/feed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/data/counting_dataset.h"
#include "tests/data/damage.h"

namespace duet {
namespace {

std::vector<float> values(const Tensor& stored) {
  const auto flat = stored.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// The indices that the next `batches` batches hold, in order.
std::vector<float> drawn(Feed& feed, int batches) {
  std::vector<float> all;
  for (int i = 0; i < batches; ++i)
    for (const float value : values(feed.next().stored)) all.push_back(value);
  return all;
}

std::vector<float> drawn(FeedOptions options, int64_t size, int batches, int64_t cursor = 0, bool endless = false) {
  Feed feed(std::make_shared<CountingDataset>(size, endless), options, cursor);
  return drawn(feed, batches);
}

/// Small grey pictures whose pixels tell example and column, labelled by their index.
class RampDataset final : public Dataset {
 public:
  explicit RampDataset(int64_t damaged = -1) : damaged_(damaged) {
    info_.shape = {1, 2, 3};
    info_.size = 16;
    for (int i = 0; i < 16; ++i) info_.classes.push_back(std::to_string(i));
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    if (index == damaged_) fail(Fault::data, "{}: truncated", where(index));
    auto* pixels = static_cast<uint8_t*>(out);
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 3; ++x) pixels[3 * y + x] = static_cast<uint8_t>(10 * index + 3 * y + x);
  }
  int64_t label(int64_t index) const override { return index; }
  std::string where(int64_t index) const override { return "ramp[" + std::to_string(index) + "]"; }

 private:
  DatasetInfo info_;
  int64_t damaged_;
};

TEST(Feed, HandsOutEveryExampleOnceAnEpoch) {
  for (const int64_t batch : {1, 4, 5, 10}) {
    Feed feed(std::make_shared<CountingDataset>(20), {.batch = batch, .seed = 3});
    std::vector<std::vector<float>> epochs;
    for (int epoch = 0; epoch < 3; ++epoch) {
      auto all = drawn(feed, static_cast<int>(20 / batch));
      epochs.push_back(all);
      std::sort(all.begin(), all.end());
      for (int i = 0; i < 20; ++i) ASSERT_EQ(all[static_cast<size_t>(i)], i) << "epoch " << epoch;
      EXPECT_DOUBLE_EQ(feed.epoch(), epoch + 1);
    }
    EXPECT_NE(epochs[0], epochs[1]);
    EXPECT_NE(epochs[1], epochs[2]);
  }
}

TEST(Feed, LetsABatchSpanEpochsWithoutLoss) {
  // 7 does not divide 20, and 50 spans several epochs at once.
  for (const int64_t batch : {7, 50}) {
    const auto all = drawn({.batch = batch, .seed = 3}, 20, 20);
    for (size_t epoch = 0; epoch < all.size() / 20; ++epoch) {
      const std::set<float> distinct(all.begin() + static_cast<int64_t>(epoch) * 20,
                                     all.begin() + static_cast<int64_t>(epoch + 1) * 20);
      EXPECT_EQ(distinct.size(), 20u) << "batch " << batch << ", epoch " << epoch;
    }
  }
}

TEST(Feed, GivesTheSameBatchesForAnyNumberOfThreads) {
  const auto one = drawn({.batch = 7, .seed = 5, .threads = 1}, 100, 60);
  EXPECT_EQ(drawn({.batch = 7, .seed = 5, .threads = 0}, 100, 60), one);
  EXPECT_EQ(drawn({.batch = 7, .seed = 5, .threads = 2}, 100, 60), one);
  EXPECT_EQ(drawn({.batch = 7, .seed = 5, .threads = 4, .ahead = 9}, 100, 60), one);
  EXPECT_EQ(drawn({.batch = 7, .seed = 5, .threads = 4, .ahead = 1}, 100, 60), one);
  EXPECT_NE(drawn({.batch = 7, .seed = 6, .threads = 1}, 100, 60), one);
}

TEST(Feed, GoesOnAtACursorExactly) {
  const FeedOptions options{.batch = 7, .seed = 5, .threads = 2};
  const auto whole = drawn(options, 20, 30);
  for (const int64_t done : {1, 2, 3, 11}) {
    const std::vector<float> rest(whole.begin() + done * 7, whole.end());
    EXPECT_EQ(drawn(options, 20, 30 - static_cast<int>(done), done * 7), rest) << "after " << done << " batches";
  }
}

TEST(Feed, CountsWhatItHandedOutNotWhatItPrepared) {
  Feed feed(std::make_shared<CountingDataset>(100), {.batch = 8, .ahead = 4}, 16);
  EXPECT_EQ(feed.cursor(), 16);
  feed.next();
  EXPECT_EQ(feed.cursor(), 24);
  EXPECT_DOUBLE_EQ(feed.epoch(), 0.24);
}

TEST(Feed, NeverRepeatsAnEndlessSet) {
  // The nominal size is 10: a shuffled epoch would repeat after it.
  const auto all = drawn({.batch = 8, .seed = 1, .threads = 3}, 10, 50, 0, /*endless=*/true);
  EXPECT_EQ(std::set<float>(all.begin(), all.end()).size(), all.size());
}

TEST(Feed, KeepsExampleAndLabelTogether) {
  Feed feed(std::make_shared<RampDataset>(), {.batch = 8, .seed = 2, .threads = 2});
  for (int i = 0; i < 6; ++i) {
    const auto batch = feed.next();
    ASSERT_EQ(batch.stored.sizes(), (torch::IntArrayRef{8, 1, 2, 3}));
    ASSERT_EQ(batch.stored.scalar_type(), torch::kUInt8);
    for (int64_t j = 0; j < 8; ++j)
      EXPECT_EQ(batch.stored[j][0][0][0].item<int64_t>(), 10 * batch.labels[j].item<int64_t>());
  }
}

TEST(Feed, LeavesLabelsUndefinedWhereThereAreNone) {
  Feed feed(std::make_shared<CountingDataset>(4), {.batch = 2});
  EXPECT_FALSE(feed.next().labels.defined());
}

TEST(Feed, MirrorsWhatItsPicksSayAndAlwaysTheSame) {
  const auto run = [](int64_t threads, int64_t cursor) {
    Feed feed(std::make_shared<RampDataset>(), {.batch = 16, .mirror = true, .seed = 2, .threads = threads}, cursor);
    std::vector<Tensor> pictures;
    for (int64_t i = cursor / 16; i < 20; ++i) pictures.push_back(feed.next().stored);
    return torch::cat(pictures);
  };
  const auto all = run(1, 0);
  EXPECT_TRUE(torch::equal(run(4, 0), all));
  EXPECT_TRUE(torch::equal(run(2, 160), all.narrow(0, 160, 160)));
  const auto mirrored =
      Feed(std::make_shared<RampDataset>(), {.batch = 320, .mirror = true, .seed = 2}).picks(0).mirrored;
  for (int64_t i = 0; i < all.size(0); ++i) {
    const auto rows = all[i][0];
    const int64_t step = rows[0][1].item<int64_t>() - rows[0][0].item<int64_t>();
    for (int64_t y = 0; y < 2; ++y)
      for (int64_t x = 0; x < 2; ++x)
        ASSERT_EQ(rows[y][x + 1].item<int64_t>() - rows[y][x].item<int64_t>(), step) << "a row is torn";
    ASSERT_EQ(step, mirrored[i].item<bool>() ? -1 : 1) << i;
  }
}

TEST(Feed, ThrowsWhatReadingADamagedExampleThrew) {
  for (const int64_t threads : {0, 2}) {
    Feed feed(std::make_shared<RampDataset>(/*damaged=*/11), {.batch = 4, .seed = 2, .threads = threads});
    int whole = 0;
    const auto error = error_of([&] {
      for (;; ++whole) feed.next();
    });
    EXPECT_EQ(error, "ramp[11]: truncated");
    EXPECT_LT(whole, 4);  // it comes within the first epoch, in its own batch's turn
    EXPECT_EQ(feed.cursor(), 4 * whole);
    EXPECT_EQ(error_of([&] { feed.next(); }), "ramp[11]: truncated") << "asked again, it must not wait forever";
  }
}

TEST(Feed, StopsWhileBatchesAreBeingPrepared) {
  for (int i = 0; i < 50; ++i) Feed(std::make_shared<CountingDataset>(100), {.batch = 3, .threads = 4});
}

TEST(Feed, GivesExamplesOnceToWhoKeepsThem) {
  const auto ramp = std::make_shared<RampDataset>();
  // The first whole epoch of 16 ends at 16, or at 32 from within the first.
  for (const auto& [cursor, end] : {std::pair(0, 16), std::pair(4, 32), std::pair(16, 32)})
    for (const int64_t threads : {0, 3}) {
      const FeedOptions options{.batch = 4, .mirror = true, .seed = 2, .threads = threads, .ahead = 1};
      Feed feed(ramp, options, cursor), whole(ramp, options, cursor);
      feed.give_once();
      for (int i = 0; i < 20; ++i) {
        const auto first = feed.cursor();
        const auto batch = feed.next(), expected = whole.next();
        EXPECT_EQ(batch.stored.defined(), first < end) << cursor << " " << first;
        EXPECT_TRUE(torch::equal(batch.labels, expected.labels));
        const auto picks = feed.picks(first);
        EXPECT_TRUE(torch::equal(picks.indices, expected.labels)) << "the ramp's labels are its indices";
        for (int64_t k = 0; k < 4; ++k) {
          const auto left = 10 * picks.indices[k].item<int64_t>();
          EXPECT_EQ(expected.stored[k][0][0][0].item<int64_t>(), picks.mirrored[k].item<bool>() ? left + 2 : left);
        }
      }
    }
}

}  // namespace
}  // namespace duet
