#include "tests/train/tiny.h"
// The order matters: the header above is precompiled.
#include "duet/core/files.h"
#include "duet/data/columns.h"
#include "duet/data/tensors.h"
#include "duet/train/column_measures.h"

namespace duet {
namespace {

/// A table of 400 points: columns of 0..1000 and 0..0.001, and a constant column.
std::string uneven_table() {
  std::string text = "big,small,same\n";
  for (int i = 0; i < 400; ++i) text += fmt::format("{},{},7.25\n", (i * 37) % 400 * 2.5, (i * 11) % 400 * 2.5e-6);
  return text;
}

class ColumnMeasuresTest : public testing::Test {
 protected:
  /// Recipe and data of a tiny training on a table.
  Recipe recipe_of(const std::string& table, std::vector<std::string> overrides = {}) {
    put_file(folder_ / "t.csv", table);
    overrides.push_back("data.spec=\"" + (folder_ / "t.csv").string() + "\"");
    return tiny(kTinyRing, overrides);
  }
  ColumnScale scale_of(const std::string& table, const std::vector<std::string>& overrides = {}) {
    return open_training_data(recipe_of(table, overrides)).facts.scale;
  }
  FreshFolder folder_;
  int runs_ = 0;
};

TEST_F(ColumnMeasuresTest, AreMeanAndDeviationInDouble) {
  put_file(folder_ / "t.csv", "a,b,c\n1700000000,1,5\n1700000256,2,5\n1700000512,6,5\n");
  const auto measures = measure_columns(*open_source((folder_ / "t.csv").string(), {}).train);
  EXPECT_DOUBLE_EQ(measures.mean[0], 1700000256);
  EXPECT_NEAR(measures.deviation[0], 256 * std::sqrt(2.0 / 3), 1e-6);
  EXPECT_DOUBLE_EQ(measures.mean[1], 3);
  EXPECT_EQ(measures.mean[2], 5);
  EXPECT_EQ(measures.deviation[2], 0);
}

TEST_F(ColumnMeasuresTest, KeepARareNumberFromBecomingASpike) {
  std::string table = "a,b\n1,2\n";
  for (int i = 0; i < 5000; ++i) table += "0,1\n";
  put_file(folder_ / "t.csv", table);
  const auto measures = measure_columns(*open_source((folder_ / "t.csv").string(), {}).train);
  EXPECT_NEAR((1 - measures.mean[0]) / measures.deviation[0], 20, 1e-9);
}

TEST_F(ColumnMeasuresTest, MoveColumnsOnlyWhereSomeAreFarFromMeanZeroAndDeviationOne) {
  const std::string even = "a,b\n-1,0\n1,2\n-1.5,3\n1,1\n", far = "a,b\n-1,100\n1,101\n-1.5,102\n1,103\n",
                    tiny_one = "a,b\n-1,0\n1,0.001\n-1.5,0.002\n1,0.003\n";
  EXPECT_TRUE(scale_of(even).empty());
  EXPECT_EQ(scale_of(far).mean.size(), 2u);
  EXPECT_EQ(scale_of(tiny_one).mean.size(), 2u);
  EXPECT_EQ(scale_of(even, {"data.standardise=always"}).mean.size(), 2u);
  EXPECT_TRUE(scale_of(far, {"data.standardise=never"}).empty());
  // A generator that ends in tanh needs data in its range.
  EXPECT_TRUE(scale_of(far, {"network.generator.output=tanh"}).empty());
  // If it is bounded on one side only, standardisation remains; values that it cannot reach are reported (see
  // RecipeChecks).
  EXPECT_FALSE(scale_of(far, {"network.generator.output=relu"}).empty());
}

TEST_F(ColumnMeasuresTest, LeaveBuiltInSetsAndPicturesAsTheyAre) {
  for (const char* set : {"ring", "grid", "moons", "swissroll", "gaussians1d", "topics", "digits", "bars"})
    EXPECT_TRUE(open_training_data(tiny(kTinyRing, {std::string("data.spec=") + set})).facts.scale.empty()) << set;
  EXPECT_EQ(open_training_data(tiny(kTinyRing, {"data.standardise=always"})).facts.scale.mean.size(), 2u);
}

TEST_F(ColumnMeasuresTest, AreLookedAtWhereALastActivationHasToReachThem) {
  const auto reached = [&](const std::vector<std::string>& overrides, const std::string& table) {
    const auto recipe = recipe_of(table, overrides);
    const auto data = open_training_data(recipe);
    std::vector<std::string> notes;
    auto run = create_run(folder_ / fmt::format("run{}", runs_++), recipe, data.facts, catalogues());
    LoopHooks hooks;
    hooks.note = [&](const std::string& text) { notes.push_back(text); };
    hooks.should_stop = [] { return true; };
    train(run, recipe, data, hooks);
    return std::none_of(notes.begin(), notes.end(),
                        [](const auto& text) { return text.find("lie outside") != std::string::npos; });
  };
  EXPECT_FALSE(reached({"network.generator.output=tanh"}, uneven_table()));
  EXPECT_TRUE(reached({}, uneven_table()));
  const std::string within = "a,b\n-1,0\n1,1\n0.5,0.5\n1,-1\n";
  EXPECT_TRUE(reached({"network.generator.output=tanh"}, within));
  EXPECT_FALSE(reached({"network.generator.output=sigmoid"}, within));
}

TEST_F(ColumnMeasuresTest, GiveNetworksColumnsOfOneDeviation) {
  const auto recipe = recipe_of(uneven_table());
  const auto data = open_training_data(recipe);
  const auto stored = read_examples(*data.split.train, 0, data.split.train->info().size);
  const auto seen = to_values(stored, recipe.data.value_range(data.facts.shape), Columns(data.facts.scale)).flatten(1);
  EXPECT_LT(seen.mean(0).abs().max().item<double>(), 1e-4);
  const auto deviation = seen.std(at::IntArrayRef{0}, false);
  EXPECT_NEAR(deviation[0].item<double>(), 1, 1e-4);
  EXPECT_NEAR(deviation[1].item<double>(), 1, 1e-4);
}

TEST_F(ColumnMeasuresTest, GoWithTheRunAndBringSamplesBackToTheDatasUnits) {
  const auto recipe = recipe_of(uneven_table());
  const auto data = open_training_data(recipe);
  auto run = create_run(folder_ / "run", recipe, data.facts, catalogues());
  EXPECT_EQ(facts_of(run).scale, data.facts.scale);
  EXPECT_EQ(facts_of(run).columns, (std::vector<std::string>{"big", "small", "same"}));
  train(run, recipe, data, {});
  const auto sampler = Sampler::open(folder_ / "run", "last");
  const auto raw = sampler.generate(sampler.latents(5, 2), {});
  const auto samples = sampler.sample({.count = 5, .seed = 2});
  EXPECT_TRUE(torch::equal(samples, sampler.sample_values({.count = 5, .seed = 2})));
  for (int64_t c = 0; c < 3; ++c)
    for (int64_t i = 0; i < 5; ++i) {
      const auto k = static_cast<size_t>(c);
      const double expected = raw[i][c].item<double>() * data.facts.scale.deviation[k] + data.facts.scale.mean[k];
      EXPECT_NEAR(samples[i][c].item<double>(), expected, 1e-5 * std::abs(expected) + 1e-9);
    }
}

TEST_F(ColumnMeasuresTest, StayThoseOfTheBeginningWhenARunGoesOn) {
  auto recipe = recipe_of(uneven_table());
  auto data = open_training_data(recipe);
  auto run = create_run(folder_ / "run", recipe, data.facts, catalogues());
  recipe.kimg = 0.8;
  train(run, recipe, data, {});
  recipe.kimg = 1.6;
  // As if measured differently: by another version, or on a file that has grown.
  auto other = data;
  other.facts.scale.mean[0] += 100;
  train(run, recipe, other, {});
  auto whole = create_run(folder_ / "whole", recipe, data.facts, catalogues());
  train(whole, recipe, data, {});
  const auto a = read_tensors(run.checkpoints().back()), b = read_tensors(whole.checkpoints().back());
  for (const auto& [name, value] : b.tensors) EXPECT_TRUE(torch::equal(value, a.tensors.at(name))) << name;
}

TEST_F(ColumnMeasuresTest, OfARunOfAnEarlierVersionAreNone) {
  const auto recipe = recipe_of(uneven_table());
  auto data = open_training_data(recipe);
  data.facts.scale = {};
  data.facts.columns = {};
  auto run = create_run(folder_ / "run", recipe, data.facts, catalogues());
  EXPECT_EQ(read_text(folder_ / "run/run.json", Fault::internal).find("scale"), std::string::npos);
  EXPECT_TRUE(facts_of(run).scale.empty());
  put_file(folder_ / "run/run.json",
           std::string(R"({"data": {"shape": [2, 1, 1], "pictures": false, "classes": [], "class_share": [],
                          "scale": {"mean": [1], "deviation": [1]}}})"));
  EXPECT_NE(error_of([&] { facts_of(run); }, Fault::checkpoint)
                .find("run.json: data.scale.mean: damaged: is [1]; expected as many numbers as an example has, 2"),
            std::string::npos);
}

}  // namespace
}  // namespace duet
