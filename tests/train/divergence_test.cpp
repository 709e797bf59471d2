// The player that is blamed when numbers are no longer finite.
#include "duet/train/divergence.h"

#include <gtest/gtest.h>

#include "duet/data/formats/npy.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

/// Final message of a training of the tiny ring, with "RUN" for its folder.
std::string end_of(const std::vector<std::string>& overrides) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, overrides);
  const auto data = open_training_data(recipe);
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  auto text = error_of([&] { train(run, recipe, data, {}); }, Fault::diverged);
  for (const auto& path = (folder / "run").string(); text.find(path) != std::string::npos;)
    text.replace(text.find(path), path.size(), "RUN");
  return text;
}

void expect_parts(const std::string& text, const std::string& begin, const std::string& end) {
  EXPECT_TRUE(text.starts_with(begin)) << text;
  EXPECT_TRUE(text.ends_with("; training stopped, nothing after the last checkpoint is kept; " + end)) << text;
}

const std::string kAgain = ", and start again in another --out; RUN holds no checkpoint yet";

TEST(Divergence, NamesTheGeneratorWhereItsStepWasTooLarge) {
  // The discriminator's term is the first that is not finite.
  expect_parts(
      end_of({"player.generator.lr=1e30"}),
      "step 1: the discriminator's term 'adversarial' is nan, because the generator's weights had grown to 1e+30",
      "lower player.generator.lr" + kAgain);
}

TEST(Divergence, NamesTheDiscriminatorWhereItsStepWasTooLarge) {
  // Whose term is the first that is not finite depends on the sign of such weights' outputs.
  const auto text = end_of({"player.discriminator.optimizer=sgd", "player.discriminator.lr=1e30"});
  EXPECT_NE(text.find(" because the discriminator's weights had grown to "), std::string::npos) << text;
  expect_parts(text, "step ", "lower player.discriminator.lr, or add a penalty (game.r1)" + kAgain);
}

TEST(Divergence, NamesWhoseWeightsGrewWhereBothMoveAtOnce) {
  expect_parts(end_of({"player.generator.lr=1e30", "turns.order=simultaneous"}),
               "step 1: the discriminator's term 'adversarial' is nan, because the generator's weights",
               "lower player.generator.lr" + kAgain);
}

TEST(Divergence, AdvisesNoPenaltyThatIsOn) {
  for (const char* penalty : {"game.r1=0.1", "game.wgan_gp=1"})
    EXPECT_EQ(
        end_of({"player.discriminator.optimizer=sgd", "player.discriminator.lr=1e30", penalty}).find("add a penalty"),
        std::string::npos)
        << penalty;
}

TEST(Divergence, IsFoundInAStepThatNoTermTellsOf) {
  // One round: the generator moves last, and its gradient through such a discriminator overflows.
  const auto text = end_of({"kimg=0.016", "game.r1=1e30"});
  expect_parts(text, "step 0: the discriminator's squared gradients are not finite any more",
               "limit its gradient (player.discriminator.clip_norm = 1), or lower the weight of its term" + kAgain);
}

TEST(Divergence, SaysWhereToGoOnFrom) {
  // The rate grows without bounds after the first checkpoints.
  const std::string late = "player.generator.lr={shape=\"steps\", from=1e-3, values=[1e30], at=[1.0]}";
  expect_parts(end_of({late}), "step ",
               "lower player.generator.lr, and continue from 0.8 kimg with `duet train RUN --resume --accept-changes` "
               "and that change");
}

TEST(Divergence, DoesNotSendToACheckpointThatIsNoBetter) {
  expect_parts(end_of({"player.generator.lr=1e30", "checkpoint_every=0.016", "tick=0.016"}), "step 1: ",
               "lower player.generator.lr, and start again in another --out; the newest checkpoint of RUN has such "
               "weights");
}

TEST(Divergence, BlamesNobodyWhoHasNotMoved) {
  expect_parts(end_of({"network.generator.init=normal(1e30)"}),
               "step 0: the discriminator's term 'adversarial' is nan, because the generator's weights begin at ",
               "give the networks smaller initial weights (network.NAME.init)" + kAgain);
}

TEST(Divergence, NamesTheDataWhereTheyAreTooLarge) {
  const FreshFolder folder;
  std::vector<float> huge(200, 3e38F);
  write_npy(folder / "x.npy", {{100, 2}, huge});
  expect_parts(end_of({"data.spec='" + (folder / "x.npy").string() + "'", "data.standardise=never"}),
               "step 0: the discriminator's term ", "the data reach 3e+38: scale them to about -1..1" + kAgain);
}

TEST(Divergence, KeepsNoCheckpointOfNumbersThatAreNotFinite) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, {"kimg=0.016", "game.r1=1e30"});
  const auto data = open_training_data(recipe);
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  EXPECT_NE(error_of([&] { train(run, recipe, data, {}); }, Fault::diverged), "");
  EXPECT_TRUE(run.checkpoints().empty());
}

TEST(Loop, SavesBeforeItEndsWhereARecordCannotBeWritten) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyRing, {"checkpoint_every=100"});
  const auto data = open_training_data(recipe);
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  LoopHooks hooks;
  hooks.round_done = [&](double kimg) {
    if (kimg != 0.4) return;
    fs::remove(run.path() / "events.jsonl");
    fs::create_directory(run.path() / "events.jsonl");
  };
  const auto error = error_of([&] { train(run, recipe, data, hooks); }, Fault::device);
  EXPECT_TRUE(
      error.ends_with("events.jsonl: cannot open: Is a directory; a folder has this name: move it away, or choose "
                      "another name; the training is saved at 0.4 kimg; resume with: duet train " +
                      run.path().string() + " --resume"))
      << error;
  ASSERT_EQ(run.checkpoints().size(), 1u);
  fs::remove(run.path() / "events.jsonl");
  EXPECT_TRUE(train(run, recipe, data, {}).finished);
}

}  // namespace
}  // namespace duet
