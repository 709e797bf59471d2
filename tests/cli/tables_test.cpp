#include "tests/cli/program.h"
#include "tests/data/formats/sample_arrays.h"

// Arrays and tables as input and output of the program.
namespace duet {
namespace {

class Slow_Tables : public Slow_Cli {
 protected:
  Slow_Tables() {
    std::string table = "height,weight\n";
    for (int i = 0; i < 400; ++i) table += fmt::format("{},{}\n", (i * 37) % 400 * 2.5, (i * 11) % 400 * 2.5e-3);
    put_file(folder_ / "people.csv", table);
  }

  /// Grey pictures 0..255 as floats in another range.
  void put_pictures(const std::string& name, double low, double high) {
    std::vector<float> floats;
    for (int i = 0; i < 60 * 64; ++i)
      floats.push_back(static_cast<float>(low + (high - low) * ((i * 7919) % 256) / 255));
    put_file(folder_ / name, sample::npy("<f4", {60, 8, 8}, sample::raw(floats)));
  }
};

TEST_F(Slow_Tables, AreTrainedStandardisedAndSampledInTheirUnits) {
  const auto trained = duet("train ring.toml --data people.csv --out run --threads 1");
  ASSERT_EQ(trained.status, 0) << trained.error;
  EXPECT_NE(trained.out.find("each column is standardised by its mean and deviation"), std::string::npos);
  expect_success("sample run -n 300 --out samples.csv");
  const auto csv = text("samples.csv");
  EXPECT_TRUE(csv.starts_with("height,weight\n"));
  const auto inspected = duet("inspect samples.csv --json");
  const auto columns = nlohmann::json::parse(inspected.out)["train"]["columns"];
  // After so short a training samples are only within a few deviations of the data's means, 499 and 0.499.
  EXPECT_NEAR(columns[0]["mean"].get<double>(), 499, 2000);
  EXPECT_GT(columns[0]["stddev"].get<double>(), 5);
  EXPECT_NEAR(columns[1]["mean"].get<double>(), 0.499, 2);
  EXPECT_LT(columns[1]["stddev"].get<double>(), 5);
  EXPECT_NE(columns[1]["stddev"].get<double>(), 0);
  expect_success("score samples.csv --data people.csv");
  expect_success("score run");
  expect_success("sample run --out plot.png");
  EXPECT_EQ(duet("train run --resume --kimg 2 --set data.standardise=never --accept-changes").status, 3);
  expect_success("train run --resume --kimg 2");
}

TEST_F(Slow_Tables, AreNoFormatForPictures) {
  expect_success("train digits.toml --out run --kimg 0.04 --threads 1");
  expect_refusal("sample run --out samples.csv", Fault::usage,
                 "--out samples.csv: a table is for vectors, and this generator makes pictures; give a .png, .npy or "
                 ".npz file, or a folder");
}

TEST_F(Slow_Tables, OfNamesOfClassesGiveSamplesWithThem) {
  std::string table = "a,b,class\n";
  for (int i = 0; i < 200; ++i) table += fmt::format("{},{},{}\n", i % 7, i % 11, i % 3 ? "setosa" : "\"odd, one\"");
  put_file(folder_ / "iris.csv", table);
  expect_success(
      "train ring.toml --data iris.csv --out run --threads 1 --set network.generator.label=concat --set "
      "network.discriminator.label=concat");
  expect_success("sample run -n 3 --label setosa --out samples.csv");
  EXPECT_TRUE(text("samples.csv").starts_with("a,b,label\n"));
  EXPECT_NE(text("samples.csv").find(",setosa\n"), std::string::npos);
  expect_success("sample run -n 3 --label 'odd, one' --out odd.csv");
  EXPECT_NE(text("odd.csv").find(",\"odd, one\"\n"), std::string::npos);
}

TEST_F(Slow_Tables, FloatPicturesOfEveryRangeAreTheSamePicturesForEveryVerb) {
  put_pictures("signed.npy", -1, 1);
  put_pictures("unit.npy", 0, 1);
  put_pictures("bytes.npy", 0, 255);
  put_pictures("odd.npy", -2, 3);
  std::vector<std::string> scores;
  for (const char* name : {"signed.npy", "unit.npy", "bytes.npy"}) {
    const auto scored = duet(fmt::format("score {} --data bytes.npy --features raw --json", name));
    EXPECT_EQ(scored.status, 0) << scored.error;
    scores.push_back(nlohmann::json::parse(scored.out)["metrics"].dump());
    EXPECT_NE(scored.error.find("float32 from"), std::string::npos) << scored.error;
    const auto trained =
        duet(fmt::format("train digits.toml --data {} --dry-run --set network.generator.label=none --set "
                         "network.discriminator.label=none --set data.resolution=28",
                         name));
    EXPECT_NE(trained.out.find("data: float32 from"), std::string::npos) << trained.error;
  }
  EXPECT_EQ(scores[0], scores[2]);
  EXPECT_EQ(scores[1], scores[2]);
  for (const char* verb : {"inspect odd.npy", "train digits.toml --data odd.npy", "score odd.npy --data bytes.npy"}) {
    const auto refused = duet(verb);
    EXPECT_EQ(refused.status, 4) << verb;
    EXPECT_NE(refused.error.find("float32 pictures from -2 to 3; expected -1..1, 0..1 or 0..255"), std::string::npos);
  }
}

}  // namespace
}  // namespace duet
