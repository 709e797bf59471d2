// The U-net of pix2pix against its paper and the parameters of its published code.
#include "tests/nn/families.h"

namespace duet {
namespace {

NetworkContext of(const Shape& input, const Shape& output) {
  return {.name = "translator", .input = input, .output = output, .output_range = Range{-1, 1}, .data_mean = {}};
}

Network made(const std::string& toml, const NetworkContext& context) { return made_of("unet", toml, context); }
std::string refusal(const std::string& toml, const NetworkContext& context) {
  return refusal_of("unet", toml, context);
}

TEST(Unet, Of256HasTheParametersOfPix2pix) {
  const auto network = made("", of({3, 256, 256}, {3, 256, 256}));
  EXPECT_EQ(network.parameter_count(), 54'413'955);
  std::vector<int64_t> down, up;
  for (const auto& row : network.rows()) {
    if (row.layer.starts_with("conv(")) down.push_back(row.output.channels);
    if (row.layer.starts_with("conv_transpose(")) up.push_back(row.output.channels);
  }
  EXPECT_EQ(down, (std::vector<int64_t>{64, 128, 256, 512, 512, 512, 512, 512}));
  EXPECT_EQ(up, (std::vector<int64_t>{512, 512, 512, 512, 256, 128, 64, 3}));
  EXPECT_TRUE(network.is_random_when_sampling());
  EXPECT_FALSE(made("keep = 1\ndepth = 2\nwidth = 2", of({3, 8, 8}, {3, 8, 8})).is_random_when_sampling());
}

TEST(Unet, WritesAListOfLayers) {
  std::vector<std::string> list;
  const auto network = made("width = 2\nwidest = 4\ndepth = 3", of({1, 32, 32}, {3, 32, 32}));
  for (const auto& row : network.rows()) list.push_back(row.layer);
  EXPECT_EQ(list, (std::vector<std::string>{"conv(2, kernel=4, stride=2, padding=1, bias=false)",
                                            "leaky_relu(0.2)",
                                            "mark(down1)",
                                            "conv(4, kernel=4, stride=2, padding=1, bias=false)",
                                            "batch_norm",
                                            "leaky_relu(0.2)",
                                            "mark(down2)",
                                            "conv(4, kernel=4, stride=2, padding=1, bias=false)",
                                            "relu",
                                            "conv_transpose(4, kernel=4, stride=2, padding=1, bias=false)",
                                            "batch_norm",
                                            "dropout(0.5, mode=always)",
                                            "concat(down2)",
                                            "relu",
                                            "conv_transpose(2, kernel=4, stride=2, padding=1, bias=false)",
                                            "batch_norm",
                                            "dropout(0.5, mode=always)",
                                            "concat(down1)",
                                            "relu",
                                            "conv_transpose(3, kernel=4, stride=2, padding=1)",
                                            "tanh"}));
}

TEST(Unet, MakesPicturesOfTheSameSize) {
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{28, 28}, {32, 32}, {24, 40}})
    for (const auto* toml : {"width = 2\nwidest = 4", "width = 2\nnorm = \"none\"\nkeep = 1", "width = 2\ndepth = 1"}) {
      const auto network = made(toml, of({1, height, width}, {3, height, width}));
      torch::NoGradGuard no_grad;
      Pass pass{.training = true, .update_statistics = false, .noise = make_generator(2)};
      EXPECT_EQ(network.forward(torch::ones({2, 1, height, width}), {}, pass).sizes(),
                torch::IntArrayRef({2, 3, height, width}))
          << toml;
    }
}

TEST(Unet, DropsInItsThreeSmallestDecodersAndHasBiasesWhereNothingNormalises) {
  const auto count = [](const Network& network, const std::string& text) {
    return std::ranges::count_if(network.rows(), [&](const auto& row) { return row.layer.find(text) != text.npos; });
  };
  const auto deep = made("width = 1\nwidest = 1\ndepth = 5", of({1, 32, 32}, {1, 32, 32}));
  EXPECT_EQ(count(deep, "dropout"), 3);
  EXPECT_EQ(count(deep, "bias=false"), 9);
  EXPECT_EQ(count(made("width = 1\nnorm = 'none'", of({1, 32, 32}, {1, 32, 32})), "bias=false"), 0);
}

TEST(Unet, HalvesUntilOneOfTheSidesIsOdd) {
  const auto halvings = [](int64_t height, int64_t width, const std::string& toml = "width = 1") {
    const auto network = made(toml, of({1, height, width}, {1, height, width}));
    return std::ranges::count_if(network.rows(), [](const auto& row) { return row.layer.starts_with("conv("); });
  };
  EXPECT_EQ(halvings(16, 24), 3);
  EXPECT_EQ(halvings(24, 4), 2);
  EXPECT_EQ(halvings(16, 24, "width = 1\ndepth = 3"), 3) << "as often as they can be";
}

TEST(Unet, SeesDetailsThatTheMiddleCannotHold) {
  auto network = made("width = 4\nkeep = 1\nnorm = \"none\"\nwidest = 4", of({1, 16, 16}, {1, 16, 16}));
  torch::NoGradGuard no_grad;
  // Without the smallest encoder nothing comes from the middle.
  for (const auto& entry : network.parameters())
    if (entry.name.starts_with("09.conv.")) entry.value.zero_();
  auto x = torch::zeros({1, 1, 16, 16});
  Pass pass;
  const auto dark = network.forward(x, {}, pass);
  x[0][0][3][3] = 1;
  const auto changed = (network.forward(x, {}, pass) - dark).abs();
  EXPECT_GT(changed.max().item<double>(), 1e-6);
}

TEST(Unet, RefusesWhatItCannotMake) {
  EXPECT_EQ(
      refusal("", of({100}, {3, 32, 32})),
      "[network.translator]: kind = \"unet\" makes pictures of pictures of the same size, here 100 become 3x32x32; "
      "use kind = \"dcgan\"");
  EXPECT_EQ(refusal("", of({3, 64, 64}, {3, 32, 32})),
            "[network.translator]: kind = \"unet\" makes pictures of pictures of the same size, here 3x64x64 become "
            "3x32x32; use kind = \"dcgan\"");
  EXPECT_EQ(refusal("", of({3, 32, 64}, {3, 32, 32})),
            "[network.translator]: kind = \"unet\" makes pictures of pictures of the same size, here 3x32x64 become "
            "3x32x32; use kind = \"dcgan\"");
  EXPECT_EQ(
      refusal("depth = 3", of({1, 28, 28}, {1, 28, 28})),
      "[network.translator]: kind = \"unet\" halves pictures 3 times, those of 1x28x28 can be halved 2 times; set "
      "depth = 2 or less");
  EXPECT_EQ(refusal("", of({1, 27, 27}, {1, 27, 27})),
            "[network.translator]: kind = \"unet\" halves pictures at least once, those of 1x27x27 can be halved 0 "
            "times; set data.resolution to an even number");
}

}  // namespace
}  // namespace duet
