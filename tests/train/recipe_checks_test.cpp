#include "duet/train/recipe_checks.h"

#include <gtest/gtest.h>

#include "tests/places.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

std::vector<std::string> check(const std::vector<std::string>& overrides) {
  const auto recipe = tiny(kTinyRing, overrides);
  const Training training(recipe);
  return check_together(recipe, training.trainer.networks(), some_vectors(training.data));
}

std::string refusal(const std::vector<std::string>& overrides) {
  return error_of([&] { check(overrides); }, Fault::recipe);
}

TEST(RecipeChecks, RefuseAWassersteinGameWithoutALimit) {
  EXPECT_EQ(refusal({"game.objective=wgan"}),
            "game.objective = \"wgan\": nothing limits the discriminator's slope, so its loss falls without end; set "
            "game.wgan_gp = 10 (Gulrajani et al. 2017, which wants lr = 1e-4 and no batch norm in the discriminator), "
            "or player.discriminator.weight_clip = 0.01 (Arjovsky et al. 2017)");
  // A limit on the generator does not limit the discriminator, nor does one layer's limit all layers.
  refusal({"game.objective=wgan", "player.generator.weight_clip=0.01"});
  refusal({"game.objective=wgan", "game.wgan_gp=0"});
  refusal({"game.objective=wgan",
           "network.discriminator={kind = 'layers', layers = ['dense(8, spectral=true)', 'relu', 'dense(1)']}"});
}

TEST(RecipeChecks, TakeAnyLimitOfAWassersteinGame) {
  for (const auto* limit :
       {"player.discriminator.weight_clip=0.01", "player.discriminator.max_column_norm=1", "game.wgan_gp=10",
        "game.dragan=10", "game.r1=1", "game.r2=1", "game.wgan_gp={shape = \"linear\", from = 10, to = 1, end = 1}",
        "network.discriminator={kind = 'layers', layers = ['dense(8, spectral=true)', 'relu', 'dense(1, "
        "spectral=true)']}"})
    EXPECT_TRUE(check({"game.objective=wgan", limit}).empty()) << limit;
  for (const auto* objective : {"vanilla", "hinge", "least_squares", "softmax", "f_kl"})
    EXPECT_TRUE(check({std::string("game.objective=") + objective}).empty()) << objective;
}

TEST(RecipeChecks, SayHowManyOfTheDatasNumbersAnOutputCannotReach) {
  const auto recipe = tiny(kTinyRing, {"network.generator.output=tanh"});
  const Training training(recipe);
  const auto lines = check_together(recipe, training.trainer.networks(), torch::tensor({{0.0, 0.5}, {3.0, -2.0}}));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0],
            "[network.generator]: its output 'tanh' fills [-1, 1], but 50 % of the data's numbers lie outside; they "
            "reach from -2 to 3; use output = \"linear\", or scale the data");
}

TEST(RecipeChecks, WarnOfAnActivationThatNeverActs) {
  const auto layers = [](const std::string& list) {
    return check({"network.discriminator={kind = 'layers', layers = [" + list + "]}"});
  };
  const auto lines = layers("'dense(8)', 'relu', 'dropout(0.5)', 'leaky_relu(0.2)', 'dense(1)'");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0],
            "[network.discriminator] layer 3: 'leaky_relu(0.2)' never acts, as what it is given is never below 0 after "
            "'relu' (layer 1); leave one of them out");
  EXPECT_EQ(layers("'dense(8)', 'sigmoid', 'relu', 'dense(1)'").size(), 1u);
  EXPECT_TRUE(layers("'dense(8)', 'leaky_relu(0.2)', 'relu', 'dense(1)'").empty());
  EXPECT_TRUE(layers("'dense(8)', 'relu', 'noise(0.1)', 'relu', 'dense(1)'").empty()) << "noise goes below 0";
  EXPECT_TRUE(layers("'dense(8)', 'relu', 'batch_norm', 'relu', 'dense(1)'").empty());
}

TEST(RecipeChecks, WarnOfBatchNormUnderAPenaltyOnEachExample) {
  for (const std::string penalty : {"wgan_gp", "dragan"}) {
    const auto lines = check({"game." + penalty + "=10", "network.discriminator.norm=batch_norm"});
    ASSERT_EQ(lines.size(), 1u) << penalty;
    EXPECT_EQ(
        lines[0],
        "game." + penalty +
            " looks at each example's own gradient, which 'batch_norm' in [network.discriminator] mixes with those of "
            "the batch; this rarely works: use norm = \"none\", or layer_norm or instance_norm in its place");
    EXPECT_TRUE(check({"game." + penalty + "=10", "network.discriminator.norm=layer_norm"}).empty());
    EXPECT_TRUE(check({"game." + penalty + "=10", "network.generator.norm=batch_norm"}).empty());
  }
  const auto spelled = check({"game.wgan_gp=10",
                              "network.discriminator={kind = 'layers', layers = ['dense(8)', ' batch_norm( affine = "
                              "false ) ', 'relu', 'dense(1)']}"});
  ASSERT_EQ(spelled.size(), 1u);
  EXPECT_TRUE(check({"network.discriminator.norm=batch_norm"}).empty());
  EXPECT_TRUE(check({"game.r1=1", "network.discriminator.norm=batch_norm"}).empty());
}

TEST(RecipeChecks, WarnOfAnOutputThatDoesNotReachVectors) {
  // Points of the ring lie at up to 1.5 or so.
  const auto lines = check({"network.generator.output=sigmoid"});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("[network.generator]: its output 'sigmoid' fills [0, 1], but ")) << lines[0];
  EXPECT_NE(lines[0].find(" % of the data's numbers lie outside; they reach from -"), std::string::npos) << lines[0];
  EXPECT_TRUE(lines[0].ends_with("; use output = \"linear\", or scale the data")) << lines[0];
  EXPECT_TRUE(check({"network.generator.output=linear"}).empty());
}

TEST(RecipeChecks, NameThePlayersThatTheRecipeLeavesOut) {
  auto recipe = tiny(kTinyRing);
  EXPECT_TRUE(name_players(recipe).empty());
  recipe.player.erase("discriminator");
  EXPECT_EQ(name_players(recipe),
            std::vector<std::string>{"tiny: has no section [player.discriminator]; the discriminator moves by the "
                                     "defaults, adam with lr = 0.0002; add the section to choose"});
  EXPECT_TRUE(recipe.player.contains("discriminator"));
  EXPECT_NE(to_toml(recipe, catalogues(), false).find("[player.discriminator]"), std::string::npos);
}

TEST(RecipeChecks, RefuseANetworkWithNothingToLearn) {
  const std::string rest =
      ": none of its layers has parameters, so there is nothing to learn; expected at least one that has, such as "
      "dense or conv";
  EXPECT_EQ(refusal({"network.discriminator={kind = 'layers', layers = ['flatten', 'maxout(2)']}"}),
            "[network.discriminator]" + rest);
  EXPECT_EQ(refusal({"latent.size=2", "network.generator={kind = 'layers', layers = ['linear']}"}),
            "[network.generator]" + rest);
}

// Only built-in data are available here; shapes and keys are checked.
TEST(RecipeChecks, FindNothingInTheRecipesThatAreShipped) {
  const std::vector<std::filesystem::path> folders = {std::string(source_path()) + "/recipes"};
  int count = 0;
  for (const auto& [name, line] : list_recipes(folders)) {
    auto recipe = load_recipe(name, folders, {}, catalogues());
    EXPECT_TRUE(name_players(recipe).empty()) << name;
    DataFacts facts{.shape = {recipe.data.channels, recipe.data.resolution, recipe.data.resolution},
                    .pictures = true,
                    .classes = {"a", "b"},
                    .class_share = {0.5, 0.5}};
    const auto alike = facts;
    for (const auto& [stream, config] : recipe.stream) facts.streams[stream] = alike;
    if (!recipe.data.spec.empty()) facts = open_training_data(recipe).facts;
    auto init = make_generator(1);
    std::map<std::string, std::unique_ptr<Network>> networks;
    const auto mean = [&](const std::string& stream) { return torch::zeros({facts.stream(stream).shape.numel()}); };
    for (const auto& spec : game_spec(recipe, facts).networks)
      networks[spec.name] = build_network(recipe, spec.name, facts, init, mean);
    EXPECT_TRUE(check_together(recipe, networks, {}).empty()) << name;
    ++count;
  }
  EXPECT_GT(count, 10);
}

TEST(RecipeChecks, LetARunThatIsTrainedBeSampledWhateverItsRange) {
  const std::vector<std::string> dark = {
      "network.generator={kind = 'layers', label = 'concat', layers = ['dense(784)', 'relu', 'reshape(1, 28)']}"};
  const DataFacts facts{.shape = {1, 28, 28}, .pictures = true, .classes = {"a"}, .class_share = {1}};
  EXPECT_NE(error_of([&] { Training{tiny(kTinyDigits, dark)}; }, Fault::recipe).find("fills [0, inf]"),
            std::string::npos);
  EXPECT_EQ(Sampler(tiny(kTinyDigits, dark), facts).sample({.count = 2}).size(0), 2);
}

}  // namespace
}  // namespace duet
