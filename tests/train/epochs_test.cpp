// A finite set whose epochs end within a run, neither between batches nor where the run was stopped.
#include <set>

#include "duet/core/files.h"
#include "duet/data/formats/npz.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// 29 pictures of noise, of three classes: no batch size below divides 29.
std::string put_pictures(const FreshFolder& folder) {
  std::vector<uint8_t> pixels(29 * 28 * 28);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i / 7);
  std::vector<int64_t> labels(29);
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int64_t>(i % 3);
  write_npz(folder / "noise.npz", {{"x", {{29, 28, 28}, pixels}}, {"y", {{29}, labels}}});
  return (folder / "noise.npz").string();
}

std::vector<std::byte> end_of(const std::filesystem::path& path, const Recipe& recipe, const std::vector<int>& stops) {
  const auto data = open_training_data(recipe);
  auto run = create_run(path, recipe, data.facts, catalogues());
  const auto go_on = [&](int rounds) {
    LoopHooks hooks;
    hooks.should_stop = [left = std::make_shared<int>(rounds)] { return --*left == 0; };
    return train(run, recipe, data, hooks).finished;
  };
  for (const int rounds : stops) EXPECT_FALSE(go_on(rounds));
  EXPECT_TRUE(go_on(-1));
  return read_bytes(run.checkpoints().back(), Fault::checkpoint);
}

TEST(Epochs, EndWithinARunThatWasStoppedAnywhereWithTheSameBytes) {
  const FreshFolder folder;
  const auto spec = put_pictures(folder);
  for (const char* threads : {"0", "3"}) {
    // Batches of 8: 29 examples end within the fourth, the eighth, the eleventh and the fifteenth.
    const auto recipe =
        tiny(kTinyDigits, {"data.spec=" + spec, "data.held_out=0", std::string("data.threads=") + threads});
    const auto path = [&](const char* name) { return folder / (std::string(name) + threads); };
    const auto whole = end_of(path("whole"), recipe, {});
    // Just before an epoch's last batch, between that and the next, and just after it.
    EXPECT_EQ(end_of(path("before"), recipe, {3}), whole);
    EXPECT_EQ(end_of(path("after"), recipe, {4, 1}), whole);
    EXPECT_EQ(end_of(path("every"), recipe, {2, 1, 1, 1, 3, 3, 1, 4}), whole);
  }
}

TEST(Epochs, EndExactlyWhereARunWasStopped) {
  const FreshFolder folder;
  // 24 of the examples are three batches.
  const auto recipe = tiny(kTinyDigits, {"data.spec=" + put_pictures(folder), "data.held_out=0", "data.limit=24"});
  const auto whole = end_of(folder / "whole", recipe, {});
  EXPECT_EQ(end_of(folder / "parts", recipe, {3, 3, 6}), whole);
}

TEST(Epochs, ShowEveryExampleOnceInAnOrderOfTheirOwn) {
  const FreshFolder folder;
  const auto data = open_training_data(tiny(kTinyDigits, {"data.spec=" + put_pictures(folder), "data.held_out=0"}));
  Feed feed(data.split.train, {.batch = 8, .seed = 5});
  std::vector<int64_t> seen;
  for (int64_t first = 0; first < 120; first += 8) {
    const auto picks = feed.picks(first).indices;
    for (int64_t i = 0; i < 8; ++i) seen.push_back(picks[i].item<int64_t>());
  }
  std::set<std::vector<int64_t>> orders;
  for (size_t epoch = 0; epoch < 4; ++epoch) {
    std::vector<int64_t> order(seen.begin() + static_cast<ptrdiff_t>(29 * epoch),
                               seen.begin() + static_cast<ptrdiff_t>(29 * epoch + 29));
    EXPECT_EQ(std::set<int64_t>(order.begin(), order.end()).size(), 29u) << epoch;
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 4u);
}

}  // namespace
}  // namespace duet
