// Using a single checkpoint, and computing the same samples with NumPy alone.
#include "tests/cli/program.h"
#include "tests/places.h"

namespace duet {
namespace {

TEST_F(Slow_Cli, SamplesAndScoresACheckpointByItself) {
  expect_success("train ring.toml --out run --threads 1 --set player.generator.ema_kimg=1");
  expect_success("sample run -n 20 --out of_run.npy");
  fs::rename(checkpoints("run").back(), folder_ / "model.safetensors");
  fs::remove_all(folder_ / "run");
  const auto result = duet("sample model.safetensors -n 20 --out of_file.npy");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_EQ(result.out, "of_file.npy: 20 samples from model.safetensors, at 1.6 kimg\n");
  EXPECT_EQ(text("of_file.npy"), text("of_run.npy"));
  const auto score = duet("score model.safetensors -n 500 --json");
  ASSERT_EQ(score.status, 0) << score.error;
  EXPECT_NE(score.out.find("mode_divergence"), std::string::npos) << score.out;
  expect_refusal("sample model.safetensors --checkpoint last", Fault::usage,
                 "--checkpoint last: model.safetensors is a single checkpoint; expected a run folder to take another "
                 "of; leave --checkpoint out");
  expect_refusal("sample model.safetensors --latents", Fault::usage,
                 "--latents: --out sample.png cannot hold z; expected a .npz file, for instance --out x.npz");
  const auto none = duet("sample ring.toml");
  EXPECT_EQ(none.status, static_cast<int>(Fault::checkpoint));
  EXPECT_TRUE(none.error.starts_with("duet: ring.toml: damaged: its header should have ")) << none.error;
  EXPECT_NE(none.error.find("; copy it once more from its run"), std::string::npos) << none.error;
}

TEST_F(Slow_Cli, MakesTheSamplesThatPlainNumPyMakes) {
  if (shell("python3 -c 'import numpy, tomllib'").status != 0)
    GTEST_SKIP() << "python3 has no numpy or no tomllib (3.11): packages.txt names python3-numpy";
  const std::vector<std::pair<std::string, std::string>> runs = {
      {"digits", "digits.toml --set network.generator.kernel=5"},
      {"dense",
       "digits.toml --set network.generator.kind=mlp --set 'network.generator.widths=[16, 8]' --set "
       "network.generator.norm=batch_norm --set network.generator.output=tanh"},
      {"points", "ring.toml --set player.generator.ema_kimg=0"},
  };
  for (const auto& [name, recipe] : runs) {
    expect_success("train " + recipe + " --threads 1 --out " + name);
    expect_success("sample " + name + " -n 6 --latents --out " + name + ".npz");
    const auto result = shell(fmt::format("python3 '{}/examples/numpy_sample.py' '{}' {}.npz", source_path(),
                                          checkpoints(name).back().string(), name));
    EXPECT_EQ(result.status, 0) << name << ": " << result.out << result.error;
    EXPECT_TRUE(result.out.starts_with("6 samples, largest difference ")) << result.out;
  }
  // It detects the samples of other weights.
  expect_success("train digits.toml --threads 1 --seed 9 --out other");
  const auto other = shell(fmt::format("python3 '{}/examples/numpy_sample.py' '{}' digits.npz", source_path(),
                                       checkpoints("other").back().string()));
  EXPECT_NE(other.status, 0);
}

}  // namespace
}  // namespace duet
