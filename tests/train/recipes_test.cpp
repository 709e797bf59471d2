#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "duet/core/files.h"
#include "tests/places.h"
#include "tests/train/train_run.h"

// Every recipe file of the repository.
namespace duet {
namespace {
namespace fs = std::filesystem;

const std::vector<fs::path> kFolders{fs::path(source_path()) / "recipes"};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, line] : list_recipes(kFolders)) all.push_back(name);
  return all;
}

/// Pictures as a section requests them.
DataFacts facts_of(const DataConfig& data) {
  DataFacts facts;
  facts.shape = {data.channels, data.resolution, data.resolution};
  for (int i = 0; i < 10; ++i) facts.classes.push_back(std::to_string(i));
  facts.class_share.assign(10, 0.1);
  return facts;
}

/// Data that fit the recipe: its own shape if it is drawn, else pictures as it requests.
DataFacts facts_of(const Recipe& recipe) {
  if (!recipe.data.spec.empty()) return open_training_data(recipe).facts;
  auto facts = facts_of(recipe.data);
  for (const auto& [name, data] : recipe.stream) facts.streams.emplace(name, facts_of(data));
  return facts;
}

class RecipeFile : public testing::TestWithParam<std::string> {
 protected:
  Recipe load(const std::vector<std::string>& overrides = {}) const {
    return load_recipe(GetParam(), kFolders, overrides, catalogues());
  }
};

TEST_P(RecipeFile, BeginsWithWhatItIsAndItsSource) {
  const auto text = read_text(kFolders[0] / (GetParam() + ".toml"), Fault::recipe);
  const auto first = text.substr(0, text.find('\n'));
  const auto second = text.substr(first.size() + 1, text.find('\n', first.size() + 1) - first.size() - 1);
  EXPECT_TRUE(first.starts_with("# ") && first.ends_with(".") && first.size() > 20) << first;
  EXPECT_TRUE(second.starts_with("# Source: ") && second.size() > 20) << second;
}

TEST_P(RecipeFile, ReadsBackItsEffectiveForm) {
  const auto recipe = load();
  for (const bool comments : {false, true}) {
    const auto text = to_toml(recipe, catalogues(), comments);
    const auto again = parse_recipe(text, "again.toml", {}, catalogues());
    for (const auto& d : differences(recipe, again, catalogues()))
      ADD_FAILURE() << d.key << ": " << d.a << " -> " << d.b;
    EXPECT_EQ(to_toml(again, catalogues(), comments), text);
  }
}

TEST_P(RecipeFile, MakesNetworksThatFitItsData) {
  const auto recipe = load();
  const auto facts = facts_of(recipe);
  ASSERT_GT(facts.shape.numel(), 0) << "a recipe without data must say resolution and channels";
  const auto mean = [&](const std::string& stream) {
    const auto& s = facts.stream(stream).shape;
    return torch::full({s.channels, s.height, s.width}, 0.3);
  };
  const auto batch = [](const Shape& s, const Generator& generator) {
    const auto x = torch::rand({2, s.channels, s.height, s.width}, generator);
    return s.is_vector() ? x.flatten(1) : x;
  };
  for (const auto& spec : game_spec(recipe, facts).networks) {
    auto init = make_generator(1);
    const auto network = build_network(recipe, spec.name, facts, init, mean);
    EXPECT_GT(network->parameter_count(), 0);
    Pass pass{.training = true, .update_statistics = false, .noise = make_generator(2)};
    auto with = labelled(facts.classes.empty() ? Tensor() : torch::tensor({0, 1}, torch::kInt64));
    for (const auto& [name, shape] : spec.with) with[name] = batch(shape, init);
    torch::NoGradGuard no_grad;
    const auto out = network->forward(batch(spec.input, init), with, pass);
    const auto& s = spec.output;
    const std::vector<int64_t> pictures{2, s.channels, s.height, s.width}, vectors{2, s.channels}, numbers{2};
    EXPECT_EQ(out.sizes().vec(), !s.is_vector() ? pictures : s.numel() == 1 ? numbers : vectors) << spec.name;
    EXPECT_TRUE(torch::isfinite(out).all().item<bool>());
  }
}

TEST_P(RecipeFile, AsksForDataWhereItNamesNone) {
  const auto recipe = load();
  if (!recipe.data.spec.empty()) return;
  EXPECT_EQ(error_of([&] { open_training_data(recipe); }, Fault::recipe),
            GetParam() + ": names no data; give --data SPEC (a built-in name or a path, see `duet list datasets`)");
}

INSTANTIATE_TEST_SUITE_P(Every, RecipeFile, testing::ValuesIn(names()), [](const auto& info) {
  auto name = info.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(Recipes, OfTwoDomainsHaveTheParameterCountsOfTheirSources) {
  const auto count = [](const char* name, const std::string& network) {
    const auto recipe = load_recipe(name, kFolders, {}, catalogues());
    auto init = make_generator(1);
    return build_network(recipe, network, facts_of(recipe), init)->parameter_count();
  };
  constexpr int64_t kDown = 784 * 128 + 128, kUp = 128 * 784 + 784, kLogit = 128 + 1;
  for (const char* side : {"x_to_b", "b_to_x"}) {
    EXPECT_EQ(count("mnist/discogan", side), kDown + kUp);
    EXPECT_EQ(count("mnist/dualgan", side), kDown + 10 * 128 + kUp) << "10 numbers of noise";
  }
  for (const char* domain : {"x", "b"}) {
    EXPECT_EQ(count("mnist/discogan", std::string("discriminator_") + domain), kDown + kLogit);
    EXPECT_EQ(count("mnist/dualgan", std::string("discriminator_") + domain), kDown + kLogit);
    EXPECT_EQ(count("mnist/cogan", std::string("generator_") + domain), kUp);
    EXPECT_EQ(count("mnist/cogan", std::string("discriminator_") + domain), kDown);
  }
  EXPECT_EQ(count("mnist/cogan", "generator_shared"), 100 * 128 + 128);
  EXPECT_EQ(count("mnist/cogan", "discriminator_shared"), kLogit);
}

TEST(Recipes, AreFound) { EXPECT_GE(names().size(), 8u); }

TEST(Recipes, OfTheDocumentationCanBeTrained) {
  const auto page = read_text(fs::path(source_path()) / "docs/recipes.md", Fault::internal);
  const std::string begin = "```toml\n";
  const auto from = page.find(begin) + begin.size();
  const auto text = page.substr(from, page.find("```", from) - from);
  const auto recipe = parse_recipe(text, "moons.toml", {"kimg=0.5", "score.every=0"}, catalogues());
  const FreshFolder folder;
  EXPECT_TRUE(train_run(folder / "run", recipe).finished);
}

// lr 0.1 / 1.000004^updates; momentum from 0.5 after the first of 250 epochs of 500 updates to 0.7 at the last.
TEST(Recipes, FollowTheFirstPapersSchedule) {
  const auto recipe = load_recipe("mnist/paper-gan", kFolders, {}, catalogues());
  struct Row {
    int64_t updates;
    double lr, momentum;
  };
  for (const auto& player : {"generator", "discriminator"})
    for (const auto& row : {Row{500, 0.0998, 0.5}, Row{50'000, 0.081873, 0.579518}, Row{125'000, 0.060653, 0.7}}) {
      const auto& how = recipe.player.at(player);
      const Clock clock{.kimg = static_cast<double>(row.updates) / 10,
                        .updates = row.updates,
                        .epoch = static_cast<double>(row.updates) / 500};
      EXPECT_NEAR(how.lr.at(clock), row.lr, 1e-6) << player;
      EXPECT_NEAR(how.momentum.at(clock), row.momentum, 1e-6) << player;
    }
}

// Written by hand from the sources' networks: a changed layer, or a label that enters elsewhere, shows here.
TEST(Recipes, HaveTheParameterCountsOfTheirSources) {
  struct Row {
    const char* name;
    int64_t generator, discriminator;
  };
  for (const auto& row :
       {Row{"mnist/paper-gan", 2'503'984, 1'231'441}, Row{"tfd/paper-gan", 83'250'304, 21'037'201},
        Row{"cifar10/paper-dense", 808'000 + 64'008'000 + 8'000 * 3'072 + 3'072,
            3'072 * 8'000 + 8'000 + 1'600 * 8'000 + 8'000 + 1'600 + 1},
        Row{"cifar10/paper-conv", 808'000 + 64'008'000 + 80 * 3 * 25 + 3 * 32 * 32,
            64 * (3 * 64 + 1) + 64 * (32 * 64 + 1) + 384 * (32 * 25 + 1) + 2'500 * (192 * 4 * 4 + 1) + 500 + 1},
        Row{"mnist/gan", 100 * 128 + 128 + 128 * 784 + 784, 784 * 128 + 128 + 128 + 1},
        Row{"mnist/cgan", 110 * 128 + 128 + 128 * 784 + 784, 794 * 128 + 128 + 128 + 1},
        Row{"mnist/dcgan-conditional", 110 * 256 + 25 * (16 * 32 + 32 * 64 + 64),
            25 * (32 + (32 + 10) * 16 + 16 * 8) + 8 * 4 * 4}}) {
    const auto recipe = load_recipe(row.name, kFolders, {}, catalogues());
    const auto facts = facts_of(recipe);
    auto init = make_generator(1);
    const auto mean = [&](const std::string&) {
      return torch::full({facts.shape.channels, facts.shape.height, facts.shape.width}, 0.5);
    };
    EXPECT_EQ(build_network(recipe, "generator", facts, init, mean)->parameter_count(), row.generator) << row.name;
    EXPECT_EQ(build_network(recipe, "discriminator", facts, init, mean)->parameter_count(), row.discriminator)
        << row.name;
  }
}

// Convolutions without bias and leaky ReLU take c x to c y, and batch norm divides by c.
TEST(Recipes, OfCifar10sDcganLetTheDiscriminatorSeeContrast) {
  for (const bool bias : {true, false}) {
    const std::vector<std::string> without{"network.discriminator.bias=false"};
    const auto recipe =
        load_recipe("cifar10/dcgan", kFolders, bias ? std::vector<std::string>{} : without, catalogues());
    auto generator = make_generator(1);
    const auto network = build_network(recipe, "discriminator", facts_of(recipe), generator);
    torch::NoGradGuard no_grad;
    for (const auto& [name, value] : network->parameters()) value.normal_(0, 0.05, generator);
    const auto x = torch::empty({8, 3, 32, 32}).normal_(0, 0.5, generator);
    Pass pass;
    pass.training = true;
    const auto full = network->forward(x, {}, pass), half = network->forward(x / 2, {}, pass);
    const auto change = ((half - full).norm() / full.norm()).item<double>();
    EXPECT_TRUE(bias ? change > 0.02 : change < 1e-3) << change;
  }
}

}  // namespace
}  // namespace duet
