// Recipes whose parts do not fit together.
#include "tests/cli/program.h"

namespace duet {
namespace {

const std::string kUnlimited =
    "game.objective = \"wgan\": nothing limits the discriminator's slope, so its loss falls without end; set "
    "game.wgan_gp = 10 (Gulrajani et al. 2017, which wants lr = 1e-4 and no batch norm in the discriminator), or "
    "player.discriminator.weight_clip = 0.01 (Arjovsky et al. 2017)";

TEST_F(Slow_Cli, RefusesWhatCannotWorkBeforeItTrains) {
  expect_refusal("train ring.toml --set game.objective=wgan --out run", Fault::recipe, kUnlimited);
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  const auto dry = duet("train ring.toml --set game.objective=wgan --dry-run");
  EXPECT_EQ(dry.status, static_cast<int>(Fault::recipe));
  EXPECT_EQ(dry.error, "duet: " + kUnlimited + "\n");
  expect_success(
      "train ring.toml --set game.objective=wgan --set player.discriminator.weight_clip=0.01 --kimg 0.1 --out run");
  const auto empty = duet(
      "train ring.toml --set network.discriminator.kind=layers --set 'network.discriminator.layers="
      "[\"flatten\", \"maxout(2)\"]'");
  EXPECT_EQ(empty.status, static_cast<int>(Fault::recipe)) << empty.error;
  EXPECT_TRUE(empty.error.ends_with(
      "\nduet: [network.discriminator]: none of its layers has parameters, so there is nothing to learn; expected "
      "at least one that has, such as dense or conv\n"))
      << empty.error;
}

TEST_F(Slow_Cli, TellsOfWhatSeldomWorks) {
  const std::string line =
      "game.wgan_gp looks at each example's own gradient, which 'batch_norm' in [network.discriminator] mixes with "
      "those of the batch; this rarely works: use norm = \"none\", or layer_norm or instance_norm in its place";
  const std::string recipe = "train ring.toml --set game.wgan_gp=10 --set network.discriminator.norm=batch_norm ";
  EXPECT_EQ(duet(recipe + "--dry-run").error, line + "\n");
  const auto trained = duet(recipe + "--kimg 0.1 --threads 1");
  EXPECT_EQ(trained.status, 0) << trained.error;
  EXPECT_NE((trained.out + trained.error).find(line), std::string::npos) << trained.out << trained.error;
}

TEST_F(Slow_Cli, TellsHowAPlayerMovesThatTheRecipeLeavesOut) {
  auto recipe = text("ring.toml");
  put_file(folder_ / "short.toml", recipe.substr(0, recipe.find("[player.discriminator]")));
  const std::string line =
      "short: has no section [player.discriminator]; the discriminator moves by the defaults, adam with lr = 0.0002; "
      "add the section to choose\n";
  const auto dry = duet("train short.toml --dry-run");
  EXPECT_EQ(dry.status, 0);
  EXPECT_EQ(dry.error, line);
  EXPECT_NE(dry.out.find("[player.discriminator]"), std::string::npos) << dry.out;
  const auto trained = duet("train short.toml --kimg 0.1 --out run --threads 1");
  EXPECT_EQ(trained.status, 0) << trained.error;
  EXPECT_NE(trained.error.find(line), std::string::npos) << trained.error;
  // From then on it is in the run's recipe.
  const auto resumed = duet("train run --resume --kimg 0.2 --threads 1");
  EXPECT_EQ(resumed.status, 0) << resumed.error;
  EXPECT_EQ(resumed.error, "");
}

// A layer means the same with spaces or positional arguments.
TEST_F(Slow_Cli, SamplesNoisyLayersHoweverTheyAreSpelled) {
  int number = 0;
  for (const std::string layer : {"dropout(0.5, 2, always)", "dropout(0.9, mode = always)", "noise( 0.1 , always )",
                                  "noise(mode=always)", " noise_concat( 3 ) "}) {
    const auto run = fmt::format("run{}", number++);
    const auto trained = duet(
        "train ring.toml --set network.generator.kind=layers --set 'network.generator.layers="
        "[\"dense(8)\", \"relu\", \"" +
        layer + "\", \"dense(2)\"]' --threads 1 --kimg 0.1 --out " + run);
    EXPECT_EQ(trained.status, 0) << layer << ": " << trained.error;
    expect_success("sample " + run + " -n 3 --out " + run + ".npy");
  }
}

}  // namespace
}  // namespace duet
