// The residual networks of SN-GAN against its tables.
#include "tests/nn/families.h"

namespace duet {
namespace {

NetworkContext generator_of(const Shape& data) {
  return {.name = "generator", .input = {128}, .output = data, .output_range = Range{-1, 1}, .data_mean = {}};
}

NetworkContext discriminator_of(const Shape& data) {
  return {.name = "discriminator", .input = data, .output = {1}, .output_range = {}, .data_mean = {}};
}

Network made(const std::string& toml, const NetworkContext& context) { return made_of("resnet", toml, context); }
std::string refusal(const std::string& toml, const NetworkContext& context) {
  return refusal_of("resnet", toml, context);
}

Tensor forward(const Network& network, const Tensor& x, const Named& with = {}) {
  torch::NoGradGuard no_grad;
  Pass pass{.training = true, .update_statistics = false, .noise = {}};
  return network.forward(x, with, pass);
}

int64_t dense(int64_t in, int64_t out) { return in * out + out; }
int64_t conv3(int64_t in, int64_t out) { return 9 * in * out + out; }
int64_t conv1(int64_t in, int64_t out) { return in * out + out; }

/// A block with a shortcut that has weights; `norms` of a generator.
int64_t block(int64_t in, int64_t out, bool norms) {
  return conv3(in, out) + conv3(out, out) + conv1(in, out) + (norms ? 2 * in + 2 * out : 0);
}

constexpr const char* kGenerator32 = "width = 256\nwidest = 256";
constexpr const char* kDiscriminator32 = "width = 128\nwidest = 128\nbase = 8\nflat = 2\nspectral = true";

// Table 4: dense to 4x4x256, three blocks that enlarge, 256 channels; two that halve and two that do not, 128 channels.
TEST(Resnet, Of32HasThePapersParameters) {
  const auto generator = made(kGenerator32, generator_of({3, 32, 32}));
  EXPECT_EQ(generator.parameter_count(), dense(128, 4 * 4 * 256) + 3 * block(256, 256, true) + 2 * 256 + conv3(256, 3));
  EXPECT_EQ(generator.parameter_count(), 4'276'739);
  const auto discriminator = made(kDiscriminator32, discriminator_of({3, 32, 32}));
  EXPECT_EQ(discriminator.parameter_count(),
            block(3, 128, false) + block(128, 128, false) + 2 * 2 * conv3(128, 128) + dense(128, 1));
  EXPECT_EQ(discriminator.parameter_count(), 1'053'825);
  EXPECT_TRUE(discriminator.limits_slope());
}

// Table 5 (48x48) and table 6 (128x128).
TEST(Resnet, OfLargerPicturesDoublesAtEveryHalving) {
  EXPECT_EQ(made("width = 64", generator_of({3, 48, 48})).parameter_count(),
            dense(128, 6 * 6 * 512) + block(512, 256, true) + block(256, 128, true) + block(128, 64, true) + 2 * 64 +
                conv3(64, 3));
  EXPECT_EQ(made("width = 64\nbase = 3", discriminator_of({3, 48, 48})).parameter_count(),
            block(3, 64, false) + block(64, 128, false) + block(128, 256, false) + block(256, 512, false) +
                block(512, 1024, false) + dense(1024, 1));
  EXPECT_EQ(made("width = 64\nbase = 4", generator_of({3, 128, 128})).parameter_count(),
            dense(128, 4 * 4 * 1024) + block(1024, 1024, true) + block(1024, 512, true) + block(512, 256, true) +
                block(256, 128, true) + block(128, 64, true) + 2 * 64 + conv3(64, 3));
  EXPECT_EQ(made("width = 64\nbase = 4", discriminator_of({3, 128, 128})).parameter_count(),
            block(3, 64, false) + block(64, 128, false) + block(128, 256, false) + block(256, 512, false) +
                block(512, 1024, false) + 2 * conv3(1024, 1024) + dense(1024, 1));
}

std::vector<std::string> list_of(const Network& network) {
  std::vector<std::string> list;
  for (const auto& row : network.rows()) list.push_back(row.layer);
  return list;
}

TEST(Resnet, WritesAListOfLayers) {
  EXPECT_EQ(list_of(made("width = 2\nwidest = 4\nspectral = true", generator_of({1, 28, 28}))),
            (std::vector<std::string>{"dense(196, spectral=true)",
                                      "reshape(4, 7)",
                                      "mark(block1)",
                                      "batch_norm",
                                      "relu",
                                      "upsample",
                                      "conv(4, kernel=3, padding=1, spectral=true)",
                                      "batch_norm",
                                      "relu",
                                      "conv(4, kernel=3, padding=1, spectral=true)",
                                      "mark(main1)",
                                      "take(block1)",
                                      "conv(4, kernel=1, spectral=true)",
                                      "upsample",
                                      "add(main1)",
                                      "mark(block2)",
                                      "batch_norm",
                                      "relu",
                                      "upsample",
                                      "conv(2, kernel=3, padding=1, spectral=true)",
                                      "batch_norm",
                                      "relu",
                                      "conv(2, kernel=3, padding=1, spectral=true)",
                                      "mark(main2)",
                                      "take(block2)",
                                      "conv(2, kernel=1, spectral=true)",
                                      "upsample",
                                      "add(main2)",
                                      "batch_norm",
                                      "relu",
                                      "conv(1, kernel=3, padding=1, spectral=true)",
                                      "tanh"}));
  EXPECT_EQ(list_of(made("width = 2\nwidest = 2\nbase = 14\npool = \"mean\"\nnorm = \"layer_norm\"",
                         discriminator_of({1, 28, 28}))),
            (std::vector<std::string>{"mark(block1)",
                                      "conv(2, kernel=3, padding=1)",
                                      "layer_norm",
                                      "relu",
                                      "conv(2, kernel=3, padding=1)",
                                      "average_pool",
                                      "mark(main1)",
                                      "take(block1)",
                                      "average_pool",
                                      "conv(2, kernel=1)",
                                      "add(main1)",
                                      "mark(block2)",
                                      "layer_norm",
                                      "relu",
                                      "conv(2, kernel=3, padding=1)",
                                      "layer_norm",
                                      "relu",
                                      "conv(2, kernel=3, padding=1)",
                                      "add(block2)",
                                      "layer_norm",
                                      "relu",
                                      "global_average",
                                      "dense(1)"}));
}

TEST(Resnet, LimitsAllWeightsOfADiscriminatorWhereAskedAndEndsInTheOutputThatIsSaid) {
  const auto list =
      list_of(made("width = 4\nwidest = 2\nspectral = true\noutput = \"sigmoid\"", discriminator_of({1, 14, 14})));
  EXPECT_EQ(list, (std::vector<std::string>{"mark(block1)",
                                            "conv(2, kernel=3, padding=1, spectral=true)",
                                            "relu",
                                            "conv(2, kernel=3, padding=1, spectral=true)",
                                            "average_pool",
                                            "mark(main1)",
                                            "take(block1)",
                                            "average_pool",
                                            "conv(2, kernel=1, spectral=true)",
                                            "add(main1)",
                                            "mark(block2)",
                                            "relu",
                                            "conv(2, kernel=3, padding=1, spectral=true)",
                                            "relu",
                                            "conv(2, kernel=3, padding=1, spectral=true)",
                                            "add(block2)",
                                            "relu",
                                            "global_sum",
                                            "dense(1, spectral=true)",
                                            "sigmoid"}));
}

TEST(Resnet, GivesTheDatasShapeAtEveryUsualSide) {
  for (const int64_t side : {28, 32, 48, 64}) {
    const Shape data{3, side, side};
    const auto pictures = forward(made("width = 2\nwidest = 8", generator_of(data)), torch::ones({2, 128}));
    EXPECT_EQ(pictures.sizes(), torch::IntArrayRef({2, 3, side, side}));
    EXPECT_EQ(forward(made("width = 2\nwidest = 8", discriminator_of(data)), pictures).sizes(),
              torch::IntArrayRef({2}));
  }
}

TEST(Resnet, LetsLabelsEnterInEveryWay) {
  const Named with{{"label", torch::tensor({0, 1}, torch::kInt64)}};
  for (const auto* label : {"concat", "embedding", "channels", "projection"}) {
    const auto toml = fmt::format("width = 2\nlabel = \"{}\"", label);
    auto at = discriminator_of({1, 28, 28});
    at.with["label"] = {3};
    EXPECT_EQ(forward(made(toml, at), torch::zeros({2, 1, 28, 28}), with).sizes(), torch::IntArrayRef({2})) << label;
    if (std::string(label) == "projection") continue;
    at = generator_of({1, 28, 28});
    at.with["label"] = {3};
    EXPECT_EQ(forward(made(toml, at), torch::zeros({2, 128}), with).sizes(), torch::IntArrayRef({2, 1, 28, 28}))
        << label;
  }
}

TEST(Resnet, RefusesWhatItCannotMake) {
  EXPECT_EQ(refusal("", generator_of({2})),
            "[network.generator]: kind = \"resnet\" makes pictures of numbers, or numbers of pictures, here 128 become "
            "2; use kind = \"mlp\"");
  auto at = generator_of({1, 32, 32});
  at.input = {1, 32, 32};
  EXPECT_EQ(refusal("", at),
            "[network.generator]: kind = \"resnet\" makes pictures of numbers, or numbers of pictures, here 1x32x32 "
            "become 1x32x32; use kind = \"unet\"");
  EXPECT_EQ(refusal("base = 5", generator_of({1, 32, 32})),
            "[network.generator]: kind = \"resnet\" cannot halve pictures of 1x32x32 down to 5; set data.resolution to "
            "28, 32, 64, 128 ... (a square whose side is a small number times a power of two)");
  EXPECT_NE(refusal("", generator_of({1, 34, 34})), "(accepted)") << "a side of 17 is not small";
  EXPECT_EQ(made("width = 2",
                 [] {
                   auto at = generator_of({1, 28, 28});
                   at.output_range = Range{0, 1};
                   return at;
                 }())
                .rows()
                .back()
                .layer,
            "sigmoid");
}

}  // namespace
}  // namespace duet
