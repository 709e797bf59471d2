#include "duet/run/history.h"

#include <gtest/gtest.h>

#include "tests/train/tiny.h"

namespace duet {
namespace {

RunFolder made(const std::filesystem::path& path, const std::vector<std::string>& lines) {
  auto run = RunFolder::create(path, "wings = 2\n", {{"spec", "birds"}, {"place", "/birds"}});
  for (const auto& line : lines) run.append(nlohmann::ordered_json::parse(line));
  return run;
}

std::string score_line(int images, double value, bool best) {
  return fmt::format(R"({{"event": "score", "images": {}, "best": {}, "primary": "frechet", "protocol": "2-D",)"
                     R"( "metrics": {{"frechet": {{"value": {}, "better": "lower"}}, "modes": {{"value": 8}}}}}})",
                     images, best, value);
}

TEST(History, HoldsTheScoresAndWhichIsBestAndLast) {
  const FreshFolder folder;
  const auto run = made(folder / "run", {R"({"event": "start", "images": 0, "kimg": 3})", score_line(1000, 5, true),
                                         score_line(2000, 2, true), score_line(3000, 4, false),
                                         R"({"event": "stop", "images": 3000, "finished": true})"});
  const auto history = history_of(run);
  EXPECT_EQ(history.kimg, 3);
  EXPECT_EQ(history.end_kimg, 3);
  EXPECT_TRUE(history.finished);
  ASSERT_EQ(history.scores.size(), 3u);
  EXPECT_EQ(history.score("last")->metrics.at("frechet").value, 4);
  EXPECT_EQ(history.score("best")->metrics.at("frechet").value, 2);
  EXPECT_EQ(history.score("best")->kimg, 2);
  EXPECT_EQ(history.score("best")->names, (std::vector<std::string>{"frechet", "modes"}));
  EXPECT_EQ(history.score("best")->metrics.at("modes").better, "");
}

TEST(History, CountsTheSecondsOfTicksAlone) {
  const FreshFolder folder;
  const auto run = made(folder / "run", {R"({"event": "tick", "images": 1000, "images_per_second": 500})",
                                         R"({"event": "tick", "images": 1500, "images_per_second": 100})"});
  EXPECT_DOUBLE_EQ(history_of(run).training_seconds, 2 + 5);
}

TEST(History, OfARunThatGoesOnIsNotFinished) {
  const FreshFolder folder;
  const auto run = made(folder / "run", {R"({"event": "stop", "images": 1000, "finished": true})",
                                         R"({"event": "resume", "images": 1000, "kimg": 9})"});
  EXPECT_FALSE(history_of(run).finished);
  EXPECT_EQ(history_of(run).end_kimg, 9);
}

TEST(History, LeavesOutWhatWasEditedByHand) {
  const FreshFolder folder;
  const auto run = made(folder / "run", {R"({"event": "score", "images": 5, "metrics": {"a": 3, "b": {"value": "x"}}})",
                                         R"({"event": "score", "images": 5, "metrics": [1], "primary": 2})",
                                         R"({"event": "tick", "images": 5, "images_per_second": 0})"});
  const auto history = history_of(run);
  ASSERT_EQ(history.scores.size(), 2u);
  EXPECT_TRUE(history.scores[0].metrics.empty());
  EXPECT_EQ(history.scores[1].primary, "");
  EXPECT_EQ(history.training_seconds, 0);
  EXPECT_EQ(history_of(made(folder / "empty", {})).score("best"), nullptr);
}

}  // namespace
}  // namespace duet
