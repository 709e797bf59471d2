#include <nlohmann/json.hpp>

#include "duet/run/history.h"
#include "tests/cli/program.h"

// Several runs at once: `duet train --seeds` and `duet compare`.
namespace duet {
namespace {

class Slow_Compare : public Cli {
 protected:
  static constexpr const char* kScored = " --set score.every=0.8 --set score.samples=100 --threads 1 ";
  nlohmann::json json(const std::string& arguments) const {
    const auto result = duet("compare --json " + arguments);
    EXPECT_EQ(result.status, 0) << result.error;
    return nlohmann::json::parse(result.out);
  }
  std::string newest(const std::string& run) const { return read_text(checkpoints(run).back(), Fault::internal); }
};

TEST_F(Slow_Compare, SeedsAreRunsLikeAnyOtherInOneFolder) {
  const auto result = duet(std::string("train ring --seeds 2 --seed 7 --out group") + kScored);
  ASSERT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("2 runs in group; scores of each run's best checkpoint:\n"), std::string::npos);
  EXPECT_NE(result.out.find("mode_divergence (lower is better)\n  all  "), std::string::npos) << result.out;
  expect_success(std::string("train ring --seed 8 --out alone") + kScored);
  EXPECT_TRUE(newest("group/seed-8") == newest("alone"));
  EXPECT_FALSE(newest("group/seed-7") == newest("alone"));
}

TEST_F(Slow_Compare, TheSameCommandSkipsWhatIsDoneAndContinuesWhatIsNot) {
  const std::string command = std::string("train ring --seeds 2 --out group") + kScored;
  ASSERT_EQ(duet(command + "--kimg 0.8").status, 0);
  const auto again = duet(command + "--kimg 0.8");
  ASSERT_EQ(again.status, 0) << again.error;
  EXPECT_NE(again.out.find("group/seed-3: has been trained already\n"), std::string::npos) << again.out;
  EXPECT_NE(again.out.find("2 runs in group; scores"), std::string::npos) << again.out;
  // Continued to the recipe's own length, they are as if they had never stopped.
  ASSERT_EQ(duet(command).status, 0);
  expect_success(std::string("train ring --seed 4 --out alone") + kScored);
  EXPECT_TRUE(newest("group/seed-4") == newest("alone"));
  // Another recipe is refused.
  expect_refusal(command + "--set game.r1=1", Fault::usage,
                 "group/seed-3: was trained by another recipe (game.r1 = 0.0, not 1.0), and runs of one folder differ "
                 "in their seed alone; name another folder with --out");
}

TEST_F(Slow_Compare, ShowsMeanSpreadAndChance) {
  ASSERT_EQ(duet(std::string("train ring --seeds 3 --out a") + kScored).status, 0);
  ASSERT_EQ(duet(std::string("train ring --seeds 3 --out b --set game.r1=10") + kScored).status, 0);
  const auto compared = json("a b --metric frechet");
  ASSERT_EQ(compared.at("groups").size(), 2u);
  std::vector<double> values;
  for (const auto& run : {"a/seed-3", "a/seed-4", "a/seed-5"})
    values.push_back(history_of(RunFolder::open(folder_ / run)).score("best")->metrics.at("frechet").value);
  const auto& a = compared["groups"][0]["metrics"]["frechet"];
  EXPECT_EQ(a.at("values"), nlohmann::json(values));
  EXPECT_NEAR(a.at("mean").get<double>(), (values[0] + values[1] + values[2]) / 3, 1e-12);
  ASSERT_EQ(compared.at("differences").size(), 1u);
  const double p = compared["differences"][0].at("p");
  EXPECT_NEAR(p * 20, std::round(p * 20), 1e-9) << "of the 20 ways to divide six runs";
  const auto page = duet("compare a b --metric frechet --out curves.png");
  EXPECT_NE(page.out.find("b: game.r1 = 10.0, not 0.0\n"), std::string::npos) << page.out;
  EXPECT_NE(page.out.find("frechet (lower is better)\n  a  "), std::string::npos) << page.out;
  EXPECT_NE(page.out.find(", 3 runs)  p = "), std::string::npos) << page.out;
  EXPECT_NE(page.error.find("note: 3 runs against 3 runs: p cannot be below 0.1 "), std::string::npos) << page.error;
  EXPECT_EQ(read_text(folder_ / "curves.png", Fault::internal).substr(1, 3), "PNG");
}

TEST_F(Slow_Compare, RefusesWhatCannotBeCompared) {
  expect_refusal("compare nowhere", Fault::usage, "nowhere: no such folder; expected a run, or a folder of runs");
  fs::create_directory(folder_ / "empty");
  expect_refusal("compare empty", Fault::usage,
                 "empty: neither a run nor a folder of runs; expected what `duet train` made, with --seeds or without");
  expect_success("train ring --out run --kimg 0.4 --threads 1");
  expect_refusal("compare run", Fault::data,
                 "run: has no score yet, and losses do not compare; train it with score.every set, or to its end");
  expect_success(std::string("train ring --out scored") + kScored);
  const auto refused = duet("compare scored --metric beauty");
  EXPECT_EQ(refused.status, static_cast<int>(Fault::usage));
  EXPECT_NE(refused.error.find("--metric beauty: no run has it; expected one of "), std::string::npos) << refused.error;
  expect_refusal("compare scored --out curves.txt", Fault::usage,
                 "--out curves.txt: expected a picture, such as curves.png");
  expect_refusal("train run --resume --seeds 2", Fault::usage,
                 "--seeds 2: without --resume: the command that began these runs continues them");
  expect_refusal("train ring --seeds 2 --out run", Fault::usage,
                 "--out run: is a run; expected a new folder, or one that --seeds has made");
}

TEST_F(Slow_Compare, ADivergedSeedStopsNoOther) {
  const auto result = duet(std::string("train ring --seeds 2 --out group --set player.generator.optimizer=sgd "
                                       "--set player.discriminator.optimizer=sgd --set player.discriminator.lr=1e30 ") +
                           kScored);
  EXPECT_EQ(result.status, static_cast<int>(Fault::diverged));
  EXPECT_NE(result.error.find("2 of 2 runs diverged: seed-3, seed-4\n"), std::string::npos) << result.error;
}

}  // namespace
}  // namespace duet
