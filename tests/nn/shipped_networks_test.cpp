#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include <gtest/gtest.h>

#include "duet/train/players.h"
#include "duet/train/sampler.h"
#include "tests/places.h"

// The networks of recipes, layer by layer.
namespace duet {
namespace {

Recipe shipped(const std::string& name) {
  return load_recipe(name, {std::filesystem::path(source_path()) / "recipes"}, {}, catalogues());
}

std::unique_ptr<Network> player_of(const Recipe& recipe, const std::string& name, const Shape& data) {
  auto generator = make_generator(1);
  const DataFacts facts{.shape = data, .pictures = true, .classes = {}, .class_share = {}};
  return build_network(recipe, name, facts, generator, [data](const std::string&) {
    return torch::full({data.channels, data.height, data.width}, 0.5);
  });
}

TEST(PaperGan, HasExactlyThePapersParameterCounts) {
  const auto recipe = shipped("mnist/paper-gan");
  EXPECT_EQ(player_of(recipe, "generator", {1, 28, 28})->parameter_count(), 2'503'984);
  EXPECT_EQ(player_of(recipe, "discriminator", {1, 28, 28})->parameter_count(), 1'231'441);
}

/// A layer with weights: its name, output and parameters.
struct Weighted {
  std::string name;
  Shape output;
  int64_t parameters;
};

Weighted dense(int64_t in, int64_t out) { return {"dense", {out}, in * out + out}; }
Weighted norm(const Shape& shape) { return {"batch_norm", shape, 2 * shape.channels}; }
Weighted conv(const std::string& name, int64_t in, const Shape& out, bool bias) {
  return {name, out, in * out.channels * 16 + (bias ? out.channels : 0)};  // every kernel is 4x4
}
Weighted up(int64_t in, const Shape& out, bool bias = false) { return conv("conv_transpose", in, out, bias); }
Weighted down(int64_t in, const Shape& out, bool bias = false) { return conv("conv", in, out, bias); }

void expect_layers(const Network& network, const std::vector<Weighted>& expected) {
  std::vector<Network::Row> found;
  int64_t count = 0;
  for (const auto& row : network.rows())
    if (row.parameters > 0) found.push_back(row);
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(Arguments(found[i].layer).name(), expected[i].name) << i;
    EXPECT_EQ(found[i].output, expected[i].output) << found[i].layer;
    EXPECT_EQ(found[i].parameters, expected[i].parameters) << found[i].layer;
    count += expected[i].parameters;
  }
  EXPECT_EQ(network.parameter_count(), count);
}

// The recipes that speed is compared on must be the networks of the comparison.
TEST(Peers, MlpHasThePeersLayers) {
  const auto recipe = shipped("mlp");
  expect_layers(*player_of(recipe, "generator", {1, 28, 28}),
                {dense(100, 128), dense(128, 256), norm({256}), dense(256, 512), norm({512}), dense(512, 1024),
                 norm({1024}), dense(1024, 784)});
  expect_layers(*player_of(recipe, "discriminator", {1, 28, 28}), {dense(784, 512), dense(512, 256), dense(256, 1)});
}

TEST(Peers, Dcgan64HasThePeersLayers) {
  const auto recipe = shipped("dcgan64");
  const auto generator = player_of(recipe, "generator", {3, 64, 64});
  expect_layers(*generator, {up(100, {512, 4, 4}), norm({512, 4, 4}), up(512, {256, 8, 8}), norm({256, 8, 8}),
                             up(256, {128, 16, 16}), norm({128, 16, 16}), up(128, {64, 32, 32}), norm({64, 32, 32}),
                             up(64, {3, 64, 64})});
  EXPECT_EQ(generator->parameter_count(), 3'576'704);
  const auto discriminator = player_of(recipe, "discriminator", {3, 64, 64});
  expect_layers(*discriminator,
                {down(3, {64, 32, 32}), down(64, {128, 16, 16}), norm({128, 16, 16}), down(128, {256, 8, 8}),
                 norm({256, 8, 8}), down(256, {512, 4, 4}), norm({512, 4, 4}), down(512, {1, 1, 1})});
  EXPECT_EQ(discriminator->parameter_count(), 2'765'568);
}

TEST(Peers, Wgangp32HasThePeersLayers) {
  const auto recipe = shipped("wgangp32");
  expect_layers(*player_of(recipe, "generator", {3, 32, 32}),
                {up(128, {256, 4, 4}, true), norm({256, 4, 4}), up(256, {128, 8, 8}, true), norm({128, 8, 8}),
                 up(128, {64, 16, 16}, true), norm({64, 16, 16}), up(64, {3, 32, 32}, true)});
  expect_layers(*player_of(recipe, "discriminator", {3, 32, 32}),
                {down(3, {64, 16, 16}, true), down(64, {128, 8, 8}, true), down(128, {256, 4, 4}, true),
                 down(256, {1, 1, 1}, true)});
}

}  // namespace
}  // namespace duet
