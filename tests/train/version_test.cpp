#include "duet/version.h"

#include <gtest/gtest.h>

#include "duet/core/files.h"
#include "duet/train/loop.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// A run of half a thousand examples, and its checkpoint's texts.
struct Trained {
  Trained() : recipe(tiny(kTinyRing)), data(open_training_data(recipe)) {
    auto run = create_run(folder / "run", recipe, data.facts, catalogues());
    train(run, recipe, data, stopping());
  }
  static LoopHooks stopping() {
    LoopHooks hooks;
    hooks.should_stop = [] { return true; };
    return hooks;
  }
  const FreshFolder folder;
  const Recipe recipe;
  const TrainingData data;
};

TEST(Version, StandsInEveryRunAndCheckpoint) {
  const Trained trained;
  const auto run = RunFolder::open(trained.folder / "run");
  const auto facts = nlohmann::json::parse(read_text(trained.folder / "run/run.json", Fault::checkpoint));
  EXPECT_EQ(facts.at("duet"), kVersion);
  EXPECT_EQ(run.checkpoint("last").text("duet"), kVersion);
}

TEST(Version, OfAnotherDuetDoesNotKeepARunFromGoingOn) {
  const Trained trained;
  auto run = RunFolder::open(trained.folder / "run");
  auto checkpoint = run.checkpoint("last");
  checkpoint.texts["duet"] = "0.0.7";
  std::string notes;
  LoopHooks hooks;
  hooks.note = [&](const std::string& text) { notes += text + "\n"; };
  EXPECT_TRUE(train(run, trained.recipe, trained.data, hooks, std::move(checkpoint)).finished);
  EXPECT_NE(notes.find(fmt::format("the checkpoint is of duet 0.0.7, this is {}: it continues", kVersion)),
            std::string::npos)
      << notes;
  EXPECT_EQ(run.checkpoint("last").text("duet"), kVersion);
}

TEST(Version, IsNotSpokenOfWhereItIsTheSame) {
  const Trained trained;
  auto run = RunFolder::open(trained.folder / "run");
  std::string notes;
  LoopHooks hooks;
  hooks.note = [&](const std::string& text) { notes += text + "\n"; };
  train(run, trained.recipe, trained.data, hooks);
  EXPECT_EQ(notes.find("of duet"), std::string::npos) << notes;
}

}  // namespace
}  // namespace duet
