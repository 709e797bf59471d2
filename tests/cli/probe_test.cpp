// `duet probe`: what a discriminator knows of labels that it was never told.
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace duet {
namespace {

class CliProbe : public Cli {
 protected:
  /// A run of few rounds, with overrides.
  void make_run(const char* text, const std::vector<std::string>& overrides) const {
    const auto recipe = tiny(text, overrides);
    Training training(recipe);
    training.rounds(3);
    const auto run = create_run(folder_ / "run", recipe, training.data.facts, catalogues());
    run.save_checkpoint(training.trainer.save(), training.feed.cursor(), 3);
  }
};

TEST_F(CliProbe, ComparesTrainedFeaturesWithThoseOfRandomWeights) {
  // Moons: labelled points, of which a few random features already tell much.
  make_run(kTinyRing, {"data.spec=moons"});
  const auto result = duet("probe run --labels 20 200 --json");
  ASSERT_EQ(result.status, 0) << result.error;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json.at("network"), "discriminator");
  EXPECT_EQ(json.at("features"), 8);
  ASSERT_EQ(json.at("rows").size(), 3u);
  EXPECT_EQ(json.at("rows")[0].at("labels"), 20);
  EXPECT_EQ(json.at("rows")[2].at("labels"), 10'000);
  for (const auto& row : json.at("rows"))
    for (const char* key : {"accuracy", "random_weights"}) {
      EXPECT_GT(row.at(key), 0.6);
      EXPECT_LE(row.at(key), 1);
    }
  const auto page = duet("probe run --labels 20").out;
  EXPECT_NE(page.find("8 features of discriminator in "), std::string::npos) << page;
  EXPECT_NE(page.find("    labels     right  random weights\n        20"), std::string::npos) << page;
}

TEST_F(CliProbe, RefusesWhatItCannotJudge) {
  make_run(kTinyRing, {"data.spec=swissroll"});
  expect_refusal(
      "probe run", Fault::data,
      "swissroll: has no labels to find; expected data with labels of two classes or more, some of them held "
      "out: --data SPEC");
  expect_refusal("probe run --network discriminant", Fault::usage,
                 "--network discriminant: game \"adversarial\" has no such network; expected one of discriminator, "
                 "generator; did you mean 'discriminator'?");
  expect_refusal("probe run --network generator", Fault::usage,
                 "--network generator: it is not given examples alone; expected a network that judges single examples");
}

TEST_F(CliProbe, RefusesANetworkThatIsToldTheLabels) {
  make_run(kTinyDigits, {});
  expect_refusal("probe run", Fault::usage,
                 "--network discriminator: it is told the labels; expected a network that does not read them");
}

}  // namespace
}  // namespace duet
