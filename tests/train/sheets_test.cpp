#include <gtest/gtest.h>

#include <algorithm>

#include "duet/core/files.h"
#include "duet/train/pictures.h"
#include "tests/picture/gif_reader.h"
#include "tests/train/train_run.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

std::vector<std::string> sheets_of(const fs::path& run) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(run / "samples")) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

// Batches of 16: the first round at or after each of 1, 2, 4 kimg.
const std::vector<std::string> kEarly{"kimg=13", "sample_every=6", "tick=6", "checkpoint_every=100"};

TEST(Sheets, ComeEarlyAndThenAtTheirCadence) {
  const FreshFolder folder;
  std::string ticks;
  LoopHooks hooks;
  hooks.tick = [&](const Progress& progress) { ticks += fmt::format("{:.3f} ", progress.kimg); };
  train_run(folder / "run", tiny(kTinyRing, kEarly), hooks);
  EXPECT_EQ(sheets_of(folder / "run"), (std::vector<std::string>{"000000000", "000001008", "000002000", "000004000",
                                                                 "000006000", "000012000", "000013008"}));
  EXPECT_EQ(ticks, "1.008 2.000 4.000 6.000 12.000 13.008 ");
}

TEST(Sheets, AreTheSameWhereverTheRunWasStopped) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, kEarly);
  train_run(folder / "whole", recipe);
  for (const int rounds : {30, 100, 200}) {
    LoopHooks hooks;
    hooks.should_stop = [left = rounds]() mutable { return --left == 0; };
    EXPECT_FALSE(train_run(folder / "parts", recipe, hooks).finished);
  }
  train_run(folder / "parts", recipe);
  ASSERT_EQ(sheets_of(folder / "parts"), sheets_of(folder / "whole"));
  for (const auto& name : sheets_of(folder / "whole"))
    EXPECT_EQ(read_bytes(folder / "parts/samples" / (name + ".png"), Fault::internal),
              read_bytes(folder / "whole/samples" / (name + ".png"), Fault::internal))
        << name;
  EXPECT_EQ(read_bytes(folder / "parts/samples.gif", Fault::internal),
            read_bytes(folder / "whole/samples.gif", Fault::internal));
}

TEST(Sheets, ThatComeEarlyDoNotTouchWhatTrainingComputes) {
  const FreshFolder folder;
  const std::vector<std::string> rare{"kimg=5", "sample_every=1000000", "checkpoint_every=5"};
  auto never = rare;
  never[1] = "sample_every=1";  // takes over at once
  train_run(folder / "early", tiny(kTinyRing, rare));
  train_run(folder / "other", tiny(kTinyRing, never));
  const auto early = RunFolder::open(folder / "early").checkpoint("last");
  const auto other = RunFolder::open(folder / "other").checkpoint("last");
  for (const auto& [name, value] : early.tensors) EXPECT_TRUE(torch::equal(value, other.tensors.at(name))) << name;
}

TEST(Sheets, MakeAFilmAtTheEndAndWhenStopped) {
  const FreshFolder folder;
  LoopHooks hooks;
  hooks.should_stop = [left = 9]() mutable { return --left == 0; };
  const auto recipe = tiny(kTinyDigits);
  const auto stopped = train_run(folder / "run", recipe, hooks);
  EXPECT_TRUE(stopped.animation.empty()) << "of one sheet";
  put_file(folder / "run/samples/notes.png", "of the user");
  put_file(folder / "run/samples/000000001.png", "no picture");
  hooks.should_stop = [left = 3]() mutable { return --left == 0; };
  std::vector<std::string> notes;
  hooks.note = [&](const std::string& text) { notes.push_back(text); };
  train_run(folder / "run", recipe, hooks);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_NE(notes[1].find("no film of the sheets: "), std::string::npos) << "a broken sheet ends no run";
  fs::remove(folder / "run/samples/000000001.png");
  const auto outcome = train_run(folder / "run", recipe);
  EXPECT_EQ(outcome.animation, folder / "run/samples.gif");
  const auto gif = GifReader(read_bytes(outcome.animation, Fault::internal)).read();
  EXPECT_EQ(gif.pictures.size(), 3u);
  EXPECT_LE(std::max(gif.width, gif.height), 512 + 16);
  EXPECT_NE(gif.pictures[0], gif.pictures[2]);
}

TEST(Sheets, OfWhatIsNotTrainedAnyMoreAreInNoFilm) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyDigits, {"keep=100"});
  train_run(folder / "run", recipe);
  ASSERT_EQ(sheets_of(folder / "run"), (std::vector<std::string>{"000000000", "000000080", "000000160"}));
  for (const auto& path : RunFolder::open(folder / "run").checkpoints())
    if (path.stem() > "000000080") fs::remove(path);
  LoopHooks hooks;
  hooks.should_stop = [] { return true; };
  const auto stopped = train_run(folder / "run", recipe, hooks);
  EXPECT_EQ(GifReader(read_bytes(stopped.animation, Fault::internal)).read().pictures.size(), 2u);
}

TEST(Curves, ShowProbabilitiesTheFloorAndTheBest) {
  std::vector<nlohmann::ordered_json> events;
  const auto event = [](const char* kind, int64_t images) {
    return nlohmann::ordered_json{{"event", kind}, {"images", images}};
  };
  for (int i = 1; i <= 10; ++i) {
    auto tick = event("tick", 1000 * i);
    tick["terms"] = {
        {"generator/adversarial", 1.0 / i}, {"discriminator/logit_real", 0.3}, {"discriminator/probability_real", 0.7}};
    events.push_back(tick);
  }
  const auto plain = curves(events);
  auto score = event("score", 5000);
  score["best"] = true;
  score["metrics"] = {{"frechet", {{"value", 3.0}}}};
  events.push_back(score);
  const auto without_floor = curves(events);
  events.back()["metrics"]["frechet_floor"] = {{"value", 1.0}};
  const auto with_scores = curves(events);
  EXPECT_EQ(with_scores.height, plain.height / 2 * 3) << "losses, probabilities, and the metric with its floor";
  const auto grey = [](const Image& image, int from) {
    int count = 0;
    for (int y = from; y < image.height; ++y)
      for (int x = 0; x < image.width; ++x)
        count += image.at(x, y)[0] == image.at(x, y)[2] && image.at(x, y)[0] >= 110 && image.at(x, y)[0] < 190;
    return count;
  };
  EXPECT_GT(grey(with_scores, plain.height), grey(without_floor, plain.height) + 200) << "no dashed floor";
}

}  // namespace
}  // namespace duet
