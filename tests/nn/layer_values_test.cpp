#include <gtest/gtest.h>

#include "duet/core/error.h"
#include "tests/gradient.h"
#include "tests/nn/double_layer.h"

// Layers against the values of their formulas.
namespace duet {
namespace {

struct Spelling {
  std::string text;
  Shape input;
};

TEST(Dropout, KeepsAtItsRateAndScalesByItsOwnNumber) {
  const int64_t n = 200'000;
  const auto y = forward(*make_layer("dropout(0.8, 3)", {n}), torch::ones({1, n}));
  const double kept = (y != 0).to(torch::kFloat64).mean().item<double>();
  EXPECT_NEAR(kept, 0.8, 4 * std::sqrt(0.8 * 0.2 / n));
  EXPECT_TRUE(((y == 0) | (y == 3)).all().item<bool>());
}

TEST(Dropout, ScalesByOneOverKeepUnlessTold) {
  const auto y = forward(*make_layer("dropout(0.25)", {1000}), torch::ones({1, 1000}));
  EXPECT_EQ(y.max().item<double>(), 4);
}

TEST(Dropout, DropsNothingWhenSampling) {
  const auto x = drawn({2, 50});
  EXPECT_TRUE(is_same(forward(*make_layer("dropout(0.5)", {50}), x, /*training=*/false), x));
}

TEST(Clusterize, AddsOneOfTwoNumbersHalfTheTimeEach) {
  const int64_t n = 100'000;
  const auto y = forward(*make_layer("clusterize(0.25)", {n}), torch::full({1, n}, 3.0));
  EXPECT_TRUE(((y == 2.75) | (y == 3.25)).all().item<bool>());
  EXPECT_NEAR(y.mean().item<double>(), 3, 4 * 0.25 / std::sqrt(n));
  EXPECT_EQ(forward(*make_layer("clusterize(0.25)", {2}), torch::ones({1, 2}), false).sum().item<double>(), 2);
}

TEST(SubtractRealMean, FollowsTheFirstGroupInTurnsOfItsOwnAndShiftsAllByIt) {
  const auto layer = double_layer("subtract_real_mean(divide=true, momentum=0.5)", {2, 1, 2});
  const auto real = drawn({6, 2, 1, 2}, 1), fake = drawn({6, 2, 1, 2}, 2) + 7;
  Pass own{.training = true, .update_statistics = true, .noise = {}, .groups = 2};
  const auto x = torch::cat({real, fake});
  EXPECT_TRUE(torch::allclose(layer->forward(x, own), x, 1e-5, 1e-5)) << "mean 0 and deviation 1 to begin with";
  const auto mean = 0.5 * real.mean({0, 2, 3}, true);
  const auto deviation = (0.5 + 0.5 * real.var({0, 2, 3}, false, true) + 1e-5).sqrt();
  // In another player's turn, and when sampling, nothing moves.
  for (const bool training : {true, false})
    EXPECT_TRUE(torch::allclose(forward(*layer, fake, training), (fake - mean) / deviation, 1e-12, 1e-12));
  // A single group of its own turn is a penalty's: nobody knows whether it is real.
  forward(*layer, fake, true, /*update_statistics=*/true);
  EXPECT_TRUE(torch::allclose(forward(*layer, fake), (fake - mean) / deviation, 1e-12, 1e-12));
}

TEST(NoisyLayers, WithModeAlwaysAreRandomWhenSamplingYetRepeatableForOneSeed) {
  for (const auto* text : {"dropout(0.5, mode=always)", "noise(0.5, mode=always)", "noise_concat(3)"}) {
    const auto layer = make_layer(text, {50});
    const auto x = drawn({2, 50});
    const auto a = forward(*layer, x, false, false, 1);
    EXPECT_TRUE(is_same(a, forward(*layer, x, false, false, 1))) << text;
    EXPECT_FALSE(is_same(a, forward(*layer, x, false, false, 2))) << text;
  }
}

TEST(NoisyLayers, DrawFreshNumbersOnEveryForward) {
  const auto layer = make_layer("dropout(0.5)", {50});
  const auto x = torch::ones({2, 50});
  Pass pass{.training = true, .update_statistics = false, .noise = make_generator(1)};
  EXPECT_FALSE(is_same(layer->forward(x, pass), layer->forward(x, pass)));
}

TEST(NoisyLayers, SayWhenTheyAreCalledWithoutAGenerator) {
  Pass pass{.training = true, .update_statistics = false, .noise = {}};
  EXPECT_THROW(make_layer("noise", {3})->forward(torch::ones({1, 3}), pass), Error);
}

TEST(GaussianNoise, HasTheDeviationItIsToldAndNoneWhenSampling) {
  const auto layer = make_layer("noise(0.3)", {100'000});
  const auto y = forward(*layer, torch::zeros({1, 100'000}, torch::kFloat64));
  EXPECT_NEAR(y.std().item<double>(), 0.3, 0.003);
  EXPECT_NEAR(y.mean().item<double>(), 0, 0.004);
  EXPECT_EQ(forward(*layer, torch::zeros({1, 100'000}), false).abs().max().item<double>(), 0);
}

TEST(NoiseConcat, AppendsUnitsOfTheDeviationItIsTold) {
  const auto y = forward(*make_layer("noise_concat(100000, 0.3)", {2}), torch::ones({1, 2})).narrow(1, 2, 100'000);
  EXPECT_NEAR(y.std().item<double>(), 0.3, 0.003);
  EXPECT_NEAR(y.mean().item<double>(), 0, 0.004);
}

TEST(Dropout, KeepsSomething) {
  EXPECT_THROW(make_layer("dropout(0)", {3}), Error);
  EXPECT_THROW(make_layer("dropout(1.1)", {3}), Error);
}

TEST(BatchNorm, GivesMeanZeroAndVarianceOnePerChannelInTraining) {
  const auto layer = double_layer("batch_norm(affine=false, eps=1e-12)", {3, 4, 4});
  const auto y = forward(*layer, drawn({8, 3, 4, 4}) * 5 + 2);
  EXPECT_LT(y.mean({0, 2, 3}).abs().max().item<double>(), 1e-10);
  EXPECT_LT((y.square().mean({0, 2, 3}) - 1).abs().max().item<double>(), 1e-9);
}

TEST(BatchNorm, TreatsAnExampleAloneWhenSampling) {
  const auto layer = double_layer("batch_norm", {4});
  settle(*layer, drawn({16, 4}) * 3 + 1, 30);
  const auto x = drawn({5, 4}, 9);
  const auto together = forward(*layer, x, false), alone = forward(*layer, x.narrow(0, 2, 1), false);
  EXPECT_LT((together.narrow(0, 2, 1) - alone).abs().max().item<double>(), 1e-12);
}

TEST(BatchNorm, MovesItsStatisticsByItsMomentumTowardsTheBatch) {
  const auto layer = double_layer("batch_norm(momentum=0.25)", {1});
  const auto x = torch::tensor({1.0, 3.0, 8.0}, torch::kFloat64).view({3, 1});
  forward(*layer, x, true, true);
  EXPECT_NEAR(layer->buffers()[0].value.item<double>(), 0.25 * 4, 1e-12);
  EXPECT_NEAR(layer->buffers()[1].value.item<double>(), 0.75 + 0.25 * 13, 1e-12);  // unbiased: (9 + 1 + 16) / 2
}

TEST(BatchNorm, KeepsTheMeanOfAllBatchesWhenToldTheShareOfEach) {
  const auto layer = double_layer("batch_norm", {4});
  settle(*layer, drawn({16, 4}) * 30 - 9, 5);  // forgotten
  auto mean = torch::zeros({4}, torch::kFloat64), variance = torch::zeros({4}, torch::kFloat64);
  for (int i = 1; i <= 6; ++i) {
    const auto x = drawn({5, 4}, static_cast<uint64_t>(i)) * i;
    Pass pass;
    pass.training = pass.update_statistics = true;
    pass.statistics_share = 1.0 / i;
    layer->forward(x, pass);
    mean += x.mean(0) / 6;
    variance += x.var(0) / 6;
  }
  EXPECT_LT((layer->buffers()[0].value - mean).abs().max().item<double>(), 1e-12);
  EXPECT_LT((layer->buffers()[1].value - variance).abs().max().item<double>(), 1e-12);
}

TEST(BatchNorm, WithStatisticsOfTheBatchUsesThemWhenSamplingToo) {
  const auto layer = double_layer("batch_norm(statistics=batch)", {4});
  const auto x = drawn({6, 4}) * 7 - 3;
  EXPECT_TRUE(is_same(forward(*layer, x, /*training=*/false), forward(*layer, x, /*training=*/true)));
  EXPECT_TRUE(is_same(layer->buffers()[0].value, torch::zeros({4}, torch::kFloat64)));
}

TEST(ExampleNorms, NormaliseEachExampleOverTheirOwnNumbers) {
  const auto x = drawn({2, 3, 4, 5}) * 4 + 1;
  const auto over_space = forward(*double_layer("instance_norm(affine=false, eps=1e-12)", {3, 4, 5}), x);
  EXPECT_LT(over_space.mean({2, 3}).abs().max().item<double>(), 1e-10);
  EXPECT_LT((over_space.square().mean({2, 3}) - 1).abs().max().item<double>(), 1e-9);
  const auto over_all = forward(*double_layer("layer_norm(affine=false, eps=1e-12)", {3, 4, 5}), x);
  EXPECT_LT(over_all.mean({1, 2, 3}).abs().max().item<double>(), 1e-10);
  EXPECT_LT((over_all.square().mean({1, 2, 3}) - 1).abs().max().item<double>(), 1e-9);
  const auto over_channels = forward(*double_layer("pixel_norm(eps=1e-12)", {3, 4, 5}), x);
  EXPECT_LT((over_channels.square().mean(1) - 1).abs().max().item<double>(), 1e-9);
}

TEST(PixelShuffle, InvertsItsUnshuffle) {
  const int64_t r = 3;
  const auto y = drawn({2, 2, 6, 9});
  const auto unshuffled = y.view({2, 2, 2, r, 3, r}).permute({0, 1, 3, 5, 2, 4}).reshape({2, 2 * r * r, 2, 3});
  EXPECT_TRUE(is_same(forward(*make_layer("pixel_shuffle(3)", {18, 2, 3}), unshuffled), y));
}

TEST(Upsample, RepeatsEveryPixel) {
  const auto y = forward(*make_layer("upsample(2)", {1, 1, 2}), torch::tensor({1.0, 2.0}).view({1, 1, 1, 2}));
  EXPECT_TRUE(is_same(y.view({2, 4}), torch::tensor({1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0}).view({2, 4})));
}

/// A convolution and the transposed convolution that must be its adjoint.
struct Adjoint {
  int64_t large, small;
  std::string window, more;  // of both, and of the transposed one
};

TEST(ConvTranspose, IsTheAdjointOfConvolution) {
  for (const auto& [large, small, window, more] :
       std::vector<Adjoint>{{8, 4, "kernel=4, stride=2, padding=1", ""},
                            {7, 4, "kernel=5, stride=2, padding=2", ""},
                            {8, 4, "kernel=5, stride=2, padding=2", ", output_padding=1"},
                            {32, 10, "kernel=5, stride=3", ""},
                            {6, 6, "kernel=3, stride=1, padding=1", ""}}) {
    const auto conv = double_layer(fmt::format("conv(3, {}, bias=false)", window), {2, large, large});
    const auto transposed =
        double_layer(fmt::format("conv_transpose(2, {}{}, bias=false)", window, more), {3, small, small}, 2);
    transposed->parameters()[0].value.set_data(conv->parameters()[0].value.detach());
    ASSERT_EQ(conv->output(), (Shape{3, small, small})) << window;
    ASSERT_EQ(transposed->output(), (Shape{2, large, large})) << window;
    const auto x = drawn({2, 2, large, large}, 7), y = drawn({2, 3, small, small}, 8);
    const double ax_y = (forward(*conv, x) * y).sum().item<double>();
    const double x_ay = (x * forward(*transposed, y)).sum().item<double>();
    EXPECT_NEAR(ax_y, x_ay, 1e-10 * std::max(1.0, std::abs(ax_y))) << window;
  }
}

/// max_pool by its definition: windows may overlap, and what lies outside never wins.
Tensor pooled(const Tensor& x, int64_t kernel, int64_t stride, int64_t padding) {
  const int64_t side = (x.size(2) + 2 * padding - kernel) / stride + 1;
  auto y = torch::full({x.size(0), x.size(1), side, side}, -1e30, x.options());
  for (int64_t row = 0; row < side; ++row)
    for (int64_t column = 0; column < side; ++column) {
      const int64_t top = std::max<int64_t>(0, row * stride - padding),
                    left = std::max<int64_t>(0, column * stride - padding);
      const int64_t bottom = std::min(x.size(2), row * stride - padding + kernel);
      const int64_t right = std::min(x.size(3), column * stride - padding + kernel);
      y.select(2, row).select(2, column).copy_(x.slice(2, top, bottom).slice(3, left, right).amax({2, 3}));
    }
  return y;
}

TEST(MaxPool, TakesTheLargestOfOverlappingWindows) {
  const auto x = drawn({2, 3, 12, 12}) - 10;
  EXPECT_TRUE(is_same(forward(*make_layer("max_pool(4, stride=2)", {3, 12, 12}), x), pooled(x, 4, 2, 0)));
  EXPECT_TRUE(is_same(forward(*make_layer("max_pool(3, 2, 1)", {3, 12, 12}), x), pooled(x, 3, 2, 1)));
}

TEST(Activations, HaveTheValuesOfTheirFormulas) {
  const auto x = torch::tensor({-4.0, -1.5, 0.0, 3.5}, torch::kFloat64).view({1, 4});
  const auto expect = [&](const std::string& text, const std::vector<double>& values) {
    const auto y = forward(*double_layer(text, {4}), x).flatten();
    EXPECT_LT((y - torch::tensor(values, torch::kFloat64)).abs().max().item<double>(), 1e-12) << text;
  };
  expect("relu", {0, 0, 0, 3.5});
  expect("leaky_relu", {-0.8, -0.3, 0, 3.5});
  expect("leaky_relu(0.5)", {-2, -0.75, 0, 3.5});
  expect("prelu", {-1, -0.375, 0, 3.5});
  expect("hard_sigmoid", {0, 0.25, 0.5, 1});
  expect("swish", {-4 / (1 + std::exp(4)), -1.5 / (1 + std::exp(1.5)), 0, 3.5 / (1 + std::exp(-3.5))});
}

TEST(Maxout, TakesTheLargestOfNeighbouringUnits) {
  const auto x = torch::tensor({1.0, 5.0, 2.0, -3.0, -1.0, -2.0}).view({1, 6});
  EXPECT_TRUE(is_same(forward(*make_layer("maxout(3)", {6}), x), torch::tensor({5.0, -1.0}).view({1, 2})));
}

TEST(MinibatchStddev, IsNothingForIdenticalRowsAndTheMeanDeviationOtherwise) {
  const auto layer = make_layer("minibatch_stddev", {3});
  const auto same = forward(*layer, drawn({1, 3}).expand({4, 3}));
  EXPECT_LT((same.select(1, 3) - 1e-4).abs().max().item<double>(), 1e-9);  // the root of 1e-8
  const auto apart = forward(*layer, torch::tensor({1.0, -2.0, 0.0, -1.0, 2.0, 0.0}, torch::kFloat64).view({2, 3}));
  EXPECT_LT((apart.select(1, 3) - 1).abs().max().item<double>(), 1e-3);
}

TEST(MinibatchDiscrimination, CountsIdenticalOthersAsOneAndFarOnesAsZero) {
  const auto layer = double_layer("minibatch_discrimination(2, 3)", {4});
  const auto row = drawn({1, 4});
  const auto y = forward(*layer, torch::cat({row, row, row + 1e3}));
  EXPECT_LT((y.slice(1, 4) - torch::tensor({1.0, 1.0, 0.0}, torch::kFloat64).view({3, 1})).abs().max().item<double>(),
            1e-9);
}

/// Largest singular value of what a spectral layer multiplies with: W / (left' W right).
double largest_singular_value(Layer& layer) {
  torch::NoGradGuard no_grad;
  const auto matrix = layer.parameters()[0].value.flatten(1);
  Tensor x, y;
  const auto& in = matrix.size(1);
  if (layer.output().is_vector()) {
    x = torch::eye(in, torch::kFloat64).view({in, 3, 2, 2});
    y = forward(layer, x, false).flatten(1).t();
  } else {  // a transposed convolution of one pixel writes its kernel
    x = torch::eye(matrix.size(0), torch::kFloat64).view({matrix.size(0), matrix.size(0), 1, 1});
    y = forward(layer, x, false).flatten(1);
  }
  return torch::linalg_svdvals(y)[0].item<double>();
}

TEST(SpectralNorm, BringsTheLargestSingularValueToOneAfterSomeTrainingForwards) {
  const std::vector<Spelling> rows = {{"dense(9, bias=false, spectral=true)", {3, 2, 2}},
                                      {"conv(9, kernel=2, bias=false, spectral=true)", {3, 2, 2}},
                                      {"conv_transpose(4, kernel=3, bias=false, spectral=true)", {7, 1, 1}}};
  for (const auto& row : rows) {
    const auto layer = double_layer(row.text, row.input);
    settle(*layer, drawn({2, row.input.channels, row.input.height, row.input.width}), 200);
    EXPECT_NEAR(largest_singular_value(*layer), 1, 1e-3) << row.text;
  }
}

}  // namespace
}  // namespace duet
