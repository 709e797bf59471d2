// Variants of layers against the same by torch's own operations.
#include <gtest/gtest.h>

#include "tests/gradient.h"
#include "tests/nn/double_layer.h"

namespace duet {
namespace {

void expect_near(const Tensor& y, const Tensor& expected) {
  ASSERT_EQ(y.sizes(), expected.sizes());
  EXPECT_LT((y - expected).abs().max().item<double>(), 1e-12);
}

const Tensor& parameter(const Layer& layer, size_t i) { return layer.parameters().at(i).value; }

TEST(OblongWindows, AreHeightTimesWidth) {
  const auto x = drawn({2, 3, 7, 9});
  const auto conv = double_layer("conv(4, kernel=3x5, stride=1x2, padding=1x0)", {3, 7, 9});
  EXPECT_EQ(parameter(*conv, 0).sizes().vec(), (std::vector<int64_t>{4, 3, 3, 5}));
  EXPECT_EQ(conv->output(), (Shape{4, 7, 3}));
  expect_near(forward(*conv, x), torch::conv2d(x, parameter(*conv, 0), parameter(*conv, 1), {1, 2}, {1, 0}));

  const auto transposed =
      double_layer("conv_transpose(4, kernel=3x5, stride=1x2, padding=1x0, output_padding=0x1)", {3, 7, 9});
  EXPECT_EQ(transposed->output(), (Shape{4, 7, 22}));
  expect_near(forward(*transposed, x),
              torch::conv_transpose2d(x, parameter(*transposed, 0), parameter(*transposed, 1), {1, 2}, {1, 0}, {0, 1}));

  expect_near(forward(*make_layer("max_pool(3x2, stride=2x1, padding=1x0)", {3, 7, 9}), x),
              torch::max_pool2d(x, {3, 2}, {2, 1}, {1, 0}));
  expect_near(forward(*make_layer("average_pool(2x3, padding=0x1)", {3, 7, 9}), x),
              torch::avg_pool2d(x, {2, 3}, {2, 3}, {0, 1}));
}

TEST(OblongWindows, OfPaddingAloneDoNotGoByWinograd) {
  const auto conv = make_layer("conv(32, kernel=3, padding=1x0, bias=false)", {32, 16, 16});
  auto generator = make_generator(1);
  conv->reset({}, generator);
  const auto x = torch::randn({4, 32, 16, 16}, generator);
  const auto expected = torch::conv2d(x, parameter(*conv, 0), {}, 1, at::IntArrayRef{1, 0});
  const auto y = forward(*conv, x);
  ASSERT_EQ(y.sizes(), expected.sizes());
  EXPECT_LT((y - expected).abs().max().item<double>(), 1e-4);
}

TEST(OblongWindows, OfEqualSidesAreSquareOnes) {
  const auto x = drawn({2, 3, 6, 6});
  const auto oblong = double_layer("conv(4, kernel=3x3, stride=2x2, padding=1x1)", {3, 6, 6}),
             square = double_layer("conv(4, kernel=3, stride=2, padding=1)", {3, 6, 6});
  EXPECT_TRUE(is_same(forward(*oblong, x), forward(*square, x)));
}

TEST(Slice, IsSomeNumbersOfAVectorOrChannelsOfAPicture) {
  const auto v = drawn({3, 7}), x = drawn({3, 5, 2, 4});
  expect_near(forward(*make_layer("slice(2, 3)", {7}), v).flatten(1), v.narrow(1, 2, 3));
  expect_near(forward(*make_layer("slice(4)", {7}), v).flatten(1), v.narrow(1, 4, 3));
  expect_near(forward(*make_layer("slice(count=1, from=4)", {5, 2, 4}), x), x.narrow(1, 4, 1));
}

TEST(HardSigmoid, HasASlopeOfASixthOrOfAFifth) {
  const auto x = torch::tensor({-4.0, -2.75, -1.0, 0.0, 1.0, 2.75, 4.0}, torch::kFloat64).view({1, 7});
  for (const auto& [text, slope] : std::vector<std::pair<const char*, double>>{
           {"hard_sigmoid", 1.0 / 6}, {"hard_sigmoid(1/6)", 1.0 / 6}, {"hard_sigmoid(slope=1/5)", 0.2}})
    expect_near(forward(*make_layer(text, {7}), x), (x * slope + 0.5).clamp(0, 1));
}

TEST(BatchNorm, LearnsAScaleAShiftBothOrNeither) {
  const auto names = [](const char* text) {
    std::vector<std::string> all;
    const auto layer = make_layer(text, {3});
    for (const auto& [name, value] : layer->parameters()) all.push_back(name);
    return all;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("batch_norm"), (Names{"scale", "shift"}));
  EXPECT_EQ(names("batch_norm(affine=false)"), Names{});
  EXPECT_EQ(names("batch_norm(scale=false)"), Names{"shift"});
  EXPECT_EQ(names("batch_norm(shift=false)"), Names{"scale"});
  EXPECT_EQ(names("batch_norm(affine=false, scale=true)"), Names{"scale"});
  EXPECT_EQ(names("layer_norm(scale=false, shift=true)"), Names{"shift"});

  const auto x = drawn({5, 3}) * 2 + 1;
  const auto unit = (x - x.mean(0)) / (x.var(0, /*unbiased=*/false) + 1e-5).sqrt();
  const auto factor = torch::tensor({0.5, 2.0, -1.0}, torch::kFloat64);
  for (const auto* text : {"batch_norm(shift=false)", "batch_norm(scale=false)"}) {
    const auto layer = double_layer(text, {3});
    torch::NoGradGuard no_grad;
    Tensor(parameter(*layer, 0)).copy_(factor);
    const bool scales = layer->parameters()[0].name == "scale";
    expect_near(forward(*layer, x), scales ? unit * factor : unit + factor);
    // In float32, by kernels of its own.
    const auto layer32 = make_layer(text, {3});
    Tensor(parameter(*layer32, 0)).copy_(factor);
    const auto y = forward(*layer32, x.to(torch::kFloat32));
    EXPECT_LT((y - (scales ? unit * factor : unit + factor)).abs().max().item<double>(), 1e-5);
  }
}

TEST(BatchNorm, OfItsOwnEpsilonAndAFusedActivationIsTheSameFormulaWhenSampling) {
  const auto layer = double_layer("batch_norm(affine=false, eps=3)", {2});
  ASSERT_TRUE(layer->take_over_leaky(0.25));
  layer->buffers()[0].value.fill_(1), layer->buffers()[1].value.fill_(6);
  const auto x = torch::tensor({{7.0, -5.0}}, torch::kFloat64);
  expect_near(forward(*layer, x, false), torch::tensor({{2.0, -0.5}}, torch::kFloat64));
}

TEST(ExampleNorms, LearnNothingWhereTheyAreToldSo) {
  for (const auto* text : {"layer_norm(affine=false)", "instance_norm(affine=false)", "pixel_norm"})
    EXPECT_TRUE(make_layer(text, {2, 3, 3})->parameters().empty()) << text;
}

TEST(BatchNorm, OverFeaturesTakesStatisticsOfEveryNumberOfAnExample) {
  const auto x = drawn({6, 2, 3, 4}) * 3 + torch::arange(24, torch::kFloat64).view({2, 3, 4});
  const auto layer = double_layer("batch_norm(over=features, momentum=1)", {2, 3, 4});
  EXPECT_EQ(parameter(*layer, 0).numel(), 24);
  const auto y = forward(*layer, x, true, true);
  expect_near(y, (x - x.mean(0)) / (x.var(0, /*unbiased=*/false) + 1e-5).sqrt());
  expect_near(layer->buffers()[0].value, x.mean(0).flatten());
  expect_near(layer->buffers()[1].value, x.var(0).flatten());
  // Sampling goes by what is kept, each example alone.
  expect_near(forward(*layer, x.narrow(0, 1, 1), false), (x.narrow(0, 1, 1) - x.mean(0)) / (x.var(0) + 1e-5).sqrt());
}

TEST(Turns, OfAPlayerAreThoseInWhichALayerDisturbs) {
  const auto x = torch::ones({2, 50});
  for (const auto& [text, always] :
       std::vector<std::pair<std::string, bool>>{{"dropout(0.5, turns=artist)", false},
                                                 {"noise(0.5, turns=artist)", false},
                                                 {"dropout(0.5, turns=artist, mode=always)", true},
                                                 {"noise(0.5, turns=artist, mode=always)", true}}) {
    SCOPED_TRACE(text);
    const auto layer = make_layer(text, {50});
    EXPECT_EQ(layer->turns(), "artist");
    const auto disturbs = [&, &layer = *layer](bool training, const std::string& player) {
      Pass pass{.training = training, .noise = make_generator(1), .player = player};
      return !torch::equal(layer.forward(x, pass), x);
    };
    EXPECT_TRUE(disturbs(true, "artist"));
    EXPECT_FALSE(disturbs(true, "critic"));
    EXPECT_FALSE(disturbs(true, ""));
    EXPECT_EQ(disturbs(false, ""), always) << "what happens when sampling is the mode's";
  }
  EXPECT_EQ(make_layer("dropout(0.5)", {4})->turns(), "");
}

}  // namespace
}  // namespace duet
