#include "tests/cli/program.h"

namespace duet {
namespace {

TEST_F(Cli, ATrainingBeginsWithWhatItIsMadeOf) {
  const auto result = duet("train digits.toml --threads 1 --out run --set sample_every=6 --kimg 0.08");
  ASSERT_EQ(result.status, 0) << result.error;
  const auto expect_line = [&](const std::string& line) {
    EXPECT_NE(result.out.find("\n" + line), std::string::npos) << line << "\nin\n" << result.out;
  };
  EXPECT_TRUE(result.out.starts_with("data:     digits (builtin), endless examples of 1x28x28, 10 classes; "))
      << result.out;
  expect_line("device:   cpu, 1 thread, products in fp32\n");
  expect_line("networks: discriminator ");
  EXPECT_NE(result.out.find(", generator "), std::string::npos);
  expect_line("run:      run\n");
  expect_line("output:   a sheet now, at the end; no scores (score.every = 0)\n");
  expect_line("length:   0.08 kimg; time: known after the first rounds (ETA)\n");
  EXPECT_NE(result.out.find("; half of them mirrored"), std::string::npos) << result.out;
  const auto as_they_are = duet("train digits.toml --threads 1 --out b --kimg 0.08 --set data.mirror=false");
  EXPECT_EQ(as_they_are.out.find("mirrored"), std::string::npos) << as_they_are.out;
  // All of it comes before the first numbers.
  EXPECT_LT(result.out.find("length:"), result.out.find(" img/s "));
  const auto resumed = duet("train run --resume --kimg 8 --dry-run");
  EXPECT_EQ(resumed.out.find("output:"), std::string::npos) << "nothing begins";
}

TEST_F(Cli, ALogShowsWhatDSaysAsProbabilitiesWhereItIsLogits) {
  const auto vanilla = duet("train ring.toml --threads 1 --out a --kimg 0.4");
  EXPECT_NE(vanilla.out.find(" D(real) 0."), std::string::npos) << vanilla.out;
  EXPECT_NE(vanilla.out.find(" D(fake) 0."), std::string::npos) << vanilla.out;
  EXPECT_EQ(vanilla.out.find(" real "), std::string::npos) << vanilla.out;
  const auto critic = duet("train ring.toml --threads 1 --out b --kimg 0.4 --set game.objective=hinge");
  EXPECT_EQ(critic.out.find("D(real)"), std::string::npos) << critic.out;
  EXPECT_NE(critic.out.find(" real "), std::string::npos) << critic.out;
}

}  // namespace
}  // namespace duet
