// A run of duet 0.1.0 (checkpoints of format 2), which every later duet must be able to sample, score and resume.
// tests/golden/run2 contains it, with the samples that that duet made of it.
#include "duet/data/formats/npy.h"
#include "tests/cli/program.h"
#include "tests/places.h"

namespace duet {
namespace {

class Slow_GoldenRun : public Cli {
 protected:
  Slow_GoldenRun() { fs::copy(kGolden / "run", folder_.path() / "run", fs::copy_options::recursive); }

  /// The largest difference between samples of the run here and the stored ones.
  double difference(const std::string& samples, const std::string& kept) const {
    const auto numbers = [](const fs::path& file) {
      const auto array = read_npy(file);
      const auto count = static_cast<int64_t>(array.data.size() / sizeof(float));
      return torch::from_blob(const_cast<std::byte*>(array.data.data()), {count}, torch::kFloat32).clone();
    };
    const auto here = numbers(folder_.path() / samples), then = numbers(kGolden / kept);
    EXPECT_EQ(here.sizes(), then.sizes());
    return (here - then).abs().max().item<double>();
  }

  inline static const fs::path kGolden = fs::path(source_path()) / "tests/golden/run2";
};

TEST_F(Slow_GoldenRun, IsSampledAsThen) {
  expect_success("sample run --checkpoint last -n 16 --out now.npy");
  EXPECT_LT(difference("now.npy", "before.npy"), 1e-4);
}

TEST_F(Slow_GoldenRun, IsScored) {
  const auto scored = duet("score run --samples 500 --json");
  EXPECT_EQ(scored.status, 0) << scored.error;
  EXPECT_NE(scored.out.find("frechet"), std::string::npos);
}

TEST_F(Slow_GoldenRun, GoesOnAsItDidThen) {
  const auto resumed = duet("train run --resume --kimg 8.192 --accept-changes");
  EXPECT_EQ(resumed.status, 0) << resumed.error;
  EXPECT_NE(resumed.out.find("resumed at 4.096 kimg"), std::string::npos) << resumed.out;
  expect_success("sample run --checkpoint last -n 16 --out now.npy");
  // After 64 more rounds, with another machine's rounding.
  EXPECT_LT(difference("now.npy", "after.npy"), 0.01);
  EXPECT_GT(difference("now.npy", "before.npy"), 0.02) << "it has learnt meanwhile";
}

}  // namespace
}  // namespace duet
