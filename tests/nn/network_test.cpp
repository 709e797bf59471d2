#include "duet/nn/network.h"

#include <gtest/gtest.h>

#include "duet/config/toml.h"
#include "duet/core/error.h"
#include "tests/gradient.h"

namespace duet {
namespace {

/// A family's config with the keys of a TOML text.
std::shared_ptr<NetworkConfig> config(const std::string& kind, const std::string& toml) {
  for (const auto& entry : network_entries()) {
    if (entry.name != kind) continue;
    auto made = entry.make();
    TomlDocument(toml, "test").read([&](Fields& fields) { made->fields(fields); });
    return made;
  }
  throw std::logic_error("no such family");
}

std::string refusal(const std::string& kind, const std::string& toml, const NetworkContext& context) {
  auto generator = make_generator(1);
  try {
    Network(*config(kind, toml), context, generator);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

Network make_network(const std::string& kind, const std::string& toml, const NetworkContext& context) {
  auto generator = make_generator(1);
  return {*config(kind, toml), context, generator};
}

NetworkContext generator_of(const Shape& data, int64_t latent = 100, std::optional<Range> range = Range{-1, 1}) {
  return {.name = "generator", .input = {latent}, .output = data, .output_range = range, .data_mean = {}};
}

NetworkContext discriminator_of(const Shape& data) {
  return {.name = "discriminator", .input = data, .output = {1}, .output_range = {}, .data_mean = {}};
}

Tensor forward(const Network& network, const Tensor& x, const Tensor& labels = {}, bool training = true) {
  Pass pass{.training = training, .update_statistics = false, .noise = make_generator(5)};
  return network.forward(x, labelled(labels), pass);
}

TEST(Dcgan, GivesTheDatasShapeAtEveryUsualSideAndKernel) {
  for (const int64_t side : {28, 32, 64, 128})
    for (const auto* toml : {"width = 2", "width = 2\nkernel = 5"}) {
      const Shape data{3, side, side};
      const auto pictures = forward(make_network("dcgan", toml, generator_of(data)), torch::zeros({2, 100}));
      EXPECT_EQ(pictures.sizes(), torch::IntArrayRef({2, 3, side, side})) << toml;
      const auto logits = forward(make_network("dcgan", toml, discriminator_of(data)), pictures);
      EXPECT_EQ(logits.sizes(), torch::IntArrayRef({2})) << toml << " at " << side;
    }
}

TEST(Dcgan, RefusesVectors) {
  EXPECT_EQ(refusal("dcgan", "", generator_of({2, 1, 1})),
            "[network.generator]: kind = \"dcgan\" needs pictures, here 100 numbers become 2; use kind = \"mlp\", or a "
            "recipe for vectors, such as ring");
}

TEST(Dcgan, RefusesPicturesThatDoNotHalve) {
  const auto message = [](const std::string& shape, const std::string& down_to = "a small side") {
    return "[network.generator]: kind = \"dcgan\" cannot halve pictures of " + shape + " down to " + down_to +
           "; set data.resolution to 28, 32, 64, 128 ... (a square whose side is a small number times a power of two)";
  };
  EXPECT_EQ(refusal("dcgan", "", generator_of({3, 30, 20})), message("3x30x20"));
  EXPECT_EQ(refusal("dcgan", "", generator_of({1, 31, 31})), message("1x31x31"));
  EXPECT_EQ(refusal("dcgan", "", generator_of({1, 34, 34})), message("1x34x34"));
  EXPECT_EQ(refusal("dcgan", "base = 5", generator_of({1, 32, 32})), message("1x32x32", "5"));
}

TEST(Network, RefusesAnOutputThatFillsAnotherRangeThanTheDatas) {
  EXPECT_EQ(
      refusal("mlp", "output = \"sigmoid\"", generator_of({1, 4, 4})),
      "[network.generator]: its output 'sigmoid' fills [0, 1], but the data are in [-1, 1]; use tanh, or data.range "
      "= \"0..1\"");
  EXPECT_EQ(
      refusal("mlp", "output = \"tanh\"", generator_of({1, 4, 4}, 100, Range{0, 1})),
      "[network.generator]: its output 'tanh' fills [-1, 1], but the data are in [0, 1]; use sigmoid, or data.range "
      "= \"-1..1\"");
  EXPECT_EQ(refusal("mlp", "output = \"sigmoid\"", generator_of({1, 4, 4}, 100, Range{0, 1})), "(accepted)");
  EXPECT_EQ(refusal("mlp", "output = \"tanh\"", generator_of({16}, 100, {})), "(accepted)");
}

TEST(Network, RefusesAnOutputOfAnotherShapeThanTheDatas) {
  EXPECT_EQ(refusal("layers", "layers = [\"dense(15)\"]", generator_of({16})),
            "[network.generator]: its last layer gives 15, expected 16; --dry-run shows every layer's shape");
  EXPECT_EQ(refusal("layers", "layers = [\"dense(16)\"]", generator_of({1, 4, 4})),
            "[network.generator]: its last layer gives 16, expected 1x4x4; --dry-run shows every layer's shape");
}

TEST(Network, SaysWhichLayerDoesNotFit) {
  EXPECT_EQ(refusal("layers", "layers = [\"dense(18)\", \"reshape(2, 3)\", \"conv(1, kernel=4)\"]", generator_of({1})),
            "[network.generator] layer 2: 'conv(1, kernel=4)': a 4x4 kernel does not fit its input of 2x3x3; use a "
            "smaller kernel or more padding");
  EXPECT_EQ(refusal("layers", "", generator_of({1})),
            "[network.generator]: it has no layers, so it gives its input, 100, expected 1; list some: layers = [...]");
}

TEST(Network, NamesItsTensorsByPlaceAndLayer) {
  const auto network =
      make_network("layers", "layers = [\"dense(3)\", \"batch_norm\", \"dense(2)\"]", generator_of({2}));
  std::vector<std::string> names;
  for (const auto* list : {&network.parameters(), &network.buffers()})
    for (const auto& entry : *list) names.push_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"00.dense.weight", "00.dense.bias", "01.batch_norm.scale",
                                             "01.batch_norm.shift", "02.dense.weight", "02.dense.bias",
                                             "01.batch_norm.mean", "01.batch_norm.variance"}));
}

TEST(Network, TellsWhetherSamplesAreRandomForOneLatent) {
  const auto random = [](const std::string& layer) {
    return make_network("layers", "layers = [\"" + layer + "\", \"dense(2)\"]", generator_of({2}))
        .is_random_when_sampling();
  };
  EXPECT_TRUE(random("dropout(0.5, mode=always)"));
  EXPECT_TRUE(random("noise_concat(3)"));
  EXPECT_FALSE(random("dropout(0.5)"));
}

// --- Labels

constexpr int64_t kClasses = 3;
const std::map<std::string, Shape> kLabels = {{"label", {kClasses}}};

/// A small network and one way for labels to enter it.
struct Labelled {
  std::string name, kind, toml;
  Shape input, output;
};

void PrintTo(const Labelled& row, std::ostream* out) { *out << row.name; }

class EveryLabel : public testing::TestWithParam<Labelled> {
 protected:
  static NetworkContext context() {
    const auto& row = GetParam();
    return {.name = "discriminator",
            .input = row.input,
            .output = row.output,
            .with = kLabels,
            .output_range = {},
            .data_mean = {}};
  }
  void SetUp() override {
    network_ = std::make_unique<Network>(make_network(GetParam().kind, GetParam().toml, context()));
    network_->to(torch::kFloat64);
    const auto& in = GetParam().input;
    auto generator = make_generator(4);
    x_ = in.is_vector() ? normal_leaf({3, in.channels}, generator)
                        : normal_leaf({3, in.channels, in.height, in.width}, generator);
    labels_ = torch::tensor({2, 0, 2}, torch::kInt64);
    inputs_ = {x_};
    for (const auto& entry : network_->parameters()) inputs_.push_back(entry.value);
  }
  Tensor value() const { return torch::tanh(forward(*network_, x_, labels_)).sum(); }

  std::unique_ptr<Network> network_;
  Tensor x_, labels_;
  std::vector<Tensor> inputs_;
};

TEST_P(EveryLabel, HasTheGradientsOfCentralDifferences) {
  EXPECT_TRUE(check_gradients([&] { return value(); }, inputs_));
  EXPECT_TRUE(check_second_gradients([&] { return value(); }, x_, inputs_));
}

TEST_P(EveryLabel, MattersToTheExamplesItChangesFor) {
  torch::NoGradGuard no_grad;
  const auto moved = forward(*network_, x_, torch::tensor({2, 1, 2}, torch::kInt64));
  const auto difference =
      (forward(*network_, x_, labels_) - moved).abs().flatten(1 - (moved.dim() == 1)).view({3, -1}).amax(1);
  EXPECT_EQ(difference[0].item<double>(), 0);
  EXPECT_GT(difference[1].item<double>(), 1e-4);
  EXPECT_EQ(difference[2].item<double>(), 0);
}

TEST_P(EveryLabel, IsRefusedWhereThereAreNoLabels) {
  auto without = context();
  without.with.clear();
  const auto label = config(GetParam().kind, GetParam().toml)->label;
  EXPECT_EQ(refusal(GetParam().kind, GetParam().toml, without),
            "[network.discriminator]: label = \"" + label +
                "\", but the data have no labels; use label = \"none\" or labelled data");
}

TEST_P(EveryLabel, IsMissedWhenTheNetworkIsCalledWithoutIt) {
  EXPECT_TRUE(network_->reads("label"));
  EXPECT_THROW(forward(*network_, x_), Error);
}

TEST_P(EveryLabel, GradientReachesTheRowsOfTheLabelsThatCame) {
  const auto& [name, table] = network_->parameters().back();
  const auto label = config(GetParam().kind, GetParam().toml)->label;
  ASSERT_EQ(name.ends_with(".table"), label == "embedding" || label == "projection") << name;
  if (!name.ends_with(".table")) return;
  const auto gradient = torch::autograd::grad({value()}, {table})[0].abs().sum(1);
  EXPECT_GT(gradient[0].item<double>(), 0);
  EXPECT_EQ(gradient[1].item<double>(), 0);
  EXPECT_GT(gradient[2].item<double>(), 0);
}

const char* kPictureLayers = "layers = [\"conv(3, kernel=3)\", \"tanh\", \"conv(1, kernel=2)\"]\n";

INSTANTIATE_TEST_SUITE_P(
    Labels, EveryLabel,
    testing::Values(
        Labelled{"ConcatOfVectors", "mlp", "widths = [4]\nactivation = \"tanh\"\nlabel = \"concat\"", {3}, {2}},
        Labelled{"ConcatOfPictures", "layers", std::string(kPictureLayers) + "label = \"concat\"", {1, 4, 4}, {1}},
        Labelled{
            "ConcatBeforeFlatten", "mlp", "widths = [4]\nactivation = \"tanh\"\nlabel = \"concat\"", {1, 2, 3}, {1}},
        Labelled{"EmbeddingBeforeFlatten",
                 "mlp",
                 "widths = [4]\nactivation = \"tanh\"\nlabel = \"embedding\"\nlabel_size = 2",
                 {1, 2, 3},
                 {1}},
        Labelled{"EmbeddingOfVectors",
                 "mlp",
                 "widths = [4]\nactivation = \"tanh\"\nlabel = \"embedding\"\nlabel_size = 2",
                 {3},
                 {2}},
        Labelled{
            "EmbeddingOfPictures", "layers", std::string(kPictureLayers) + "label = \"embedding\"", {1, 4, 4}, {1}},
        Labelled{"ChannelsOfPictures",
                 "layers",
                 std::string(kPictureLayers) + "label = \"channels\"\nlabel_after = 2",
                 {1, 4, 4},
                 {1}},
        Labelled{"ProjectionOfVectors", "mlp", "widths = [4]\nactivation = \"tanh\"\nlabel = \"projection\"", {3}, {1}},
        Labelled{
            "ProjectionOfPictures", "layers", std::string(kPictureLayers) + "label = \"projection\"", {1, 4, 4}, {1}},
        Labelled{"ProjectionOfTheInputItself",
                 "layers",
                 "layers = [\"conv(1, kernel=4)\"]\nlabel = \"projection\"",
                 {2, 4, 4},
                 {1}}),
    [](const auto& info) { return info.param.name; });

TEST(Labels, JoinADcganOnBothSides) {
  for (const auto* label : {"concat", "embedding", "channels", "projection"}) {
    const auto toml = fmt::format("width = 2\nlabel = \"{}\"", label);
    auto at = discriminator_of({1, 28, 28});
    at.with = kLabels;
    const auto labels = torch::tensor({0, 1, 2}, torch::kInt64);
    EXPECT_EQ(forward(make_network("dcgan", toml, at), torch::zeros({3, 1, 28, 28}), labels).sizes(),
              torch::IntArrayRef({3}))
        << label;
    if (std::string(label) == "projection") continue;
    at = generator_of({1, 28, 28});
    at.with = kLabels;
    EXPECT_EQ(forward(make_network("dcgan", toml, at), torch::zeros({3, 100}), labels).sizes(),
              torch::IntArrayRef({3, 1, 28, 28}))
        << label;
  }
}

TEST(Labels, CannotJoinAfterTheLastLayer) {
  auto at = discriminator_of({4});
  at.with = kLabels;
  EXPECT_EQ(refusal("layers", "layers = [\"dense(3)\", \"dense(1)\"]\nlabel = \"channels\"\nlabel_after = 2", at),
            "[network.discriminator]: label_after = 2, but there are only 2 layers; expected at most 1");
}

TEST(Labels, ProjectOntoOneLogitOnly) {
  auto at = generator_of({1, 4, 4});
  at.with = kLabels;
  EXPECT_EQ(refusal("mlp", "output = \"tanh\"\nlabel = \"projection\"", at),
            "[network.generator]: label = \"projection\" adds to one logit, but the output is 1x4x4; use concat, "
            "embedding or channels");
}

// --- Where the output begins

TEST(OutputBias, OfTheMarginalsBeginsAtTheDataMean) {
  for (const auto& [output, range] :
       std::vector<std::pair<std::string, Range>>{{"sigmoid", {0, 1}}, {"tanh", {-1, 1}}, {"linear", {-1, 1}}}) {
    const auto mean = torch::linspace(range.low * 0.9 + 0.05, range.high * 0.9, 16).view({1, 4, 4});
    auto context = generator_of({1, 4, 4}, 5, range);
    context.data_mean = [&] { return mean; };
    const auto network = make_network(
        "mlp", "widths = [8]\ninit = \"normal(0.1)\"\noutput_bias = \"marginals\"\noutput = \"" + output + "\"",
        context);
    torch::NoGradGuard no_grad;
    for (const auto& entry : network.parameters())
      if (entry.name.ends_with("weight")) entry.value.zero_();  // leaves the biases alone to speak
    const auto begin = forward(network, torch::ones({1, 5}));
    EXPECT_LT((begin - mean).abs().max().item<double>(), 1e-5) << output;
  }
}

TEST(OutputBias, StaysFiniteWherePixelsNeverVary) {
  for (const auto& [output, range] :
       std::vector<std::pair<std::string, Range>>{{"sigmoid", {0, 1}}, {"tanh", {-1, 1}}}) {
    auto context = generator_of({1, 2, 2}, 5, range);
    context.data_mean = [range = range] {
      return torch::tensor({range.low, range.high, range.low, range.high}).view({1, 2, 2});
    };
    const auto network = make_network("mlp", "output_bias = \"marginals\"\noutput = \"" + output + "\"", context);
    for (const auto& entry : network.parameters())
      EXPECT_TRUE(torch::isfinite(entry.value).all().item<bool>()) << output;
  }
}

TEST(OutputBias, NeedsALastLayerWithOneBiasPerOutput) {
  auto context = generator_of({1, 28, 28});
  context.data_mean = [] { return torch::zeros({1, 28, 28}); };
  EXPECT_EQ(refusal("dcgan", "width = 2\nbias = true\noutput_bias = \"marginals\"", context),
            "[network.generator]: output_bias = \"marginals\" needs a last dense layer with one bias per output, and "
            "after it only reshape, flatten, or what can be undone, such as tanh and sigmoid; found "
            "'conv_transpose(1, kernel=4, stride=2, padding=1)'; use output_bias = \"zero\"");
}

}  // namespace
}  // namespace duet
