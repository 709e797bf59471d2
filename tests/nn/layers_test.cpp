#include <gtest/gtest.h>

#include <set>

#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "tests/gradient.h"

namespace duet {
namespace {

/// A spelling, and the shape of one input example.
struct Spelling {
  std::string text;
  Shape input;
};

void PrintTo(const Spelling& row, std::ostream* out) { *out << row.text << " on " << to_string(row.input); }

const std::vector<Spelling>& spellings() {
  static const std::vector<Spelling> rows = {
      {"dense(4)", {5}},
      {"dense(4, bias=false)", {2, 2, 2}},
      {"dense(4, spectral=true)", {5}},
      {"conv(2, kernel=3)", {2, 4, 5}},
      {"conv(3, kernel=4, stride=2, padding=1)", {2, 4, 4}},
      {"conv(2, kernel=2, bias=false, spectral=true)", {2, 3, 3}},
      {"conv_transpose(2, kernel=3, stride=1)", {4}},
      {"conv_transpose(2, kernel=5, stride=3)", {2, 3, 3}},
      {"conv_transpose(2, kernel=5, stride=2, padding=2, output_padding=1)", {2, 3, 2}},
      {"conv_transpose(2, kernel=2, bias=false, spectral=true)", {2, 2, 2}},
      {"batch_norm", {4}},
      {"batch_norm", {2, 3, 3}},
      {"batch_norm(affine=false, momentum=0.01, eps=1e-3)", {2, 2, 2}},
      {"instance_norm", {2, 3, 3}},
      {"instance_norm(affine=false)", {2, 3, 3}},
      {"layer_norm", {5}},
      {"layer_norm(affine=false)", {2, 2, 3}},
      {"pixel_norm", {5}},
      {"pixel_norm", {3, 2, 2}},
      {"linear", {5}},
      {"relu", {2, 2, 3}},
      {"leaky_relu(0.1)", {5}},
      {"prelu", {2, 2, 2}},
      {"tanh", {5}},
      {"sigmoid", {5}},
      {"hard_sigmoid", {5}},
      {"softplus", {5}},
      {"swish", {5}},
      {"softmax", {5}},
      {"softmax", {3, 2, 2}},
      {"maxout(3)", {6}},
      {"maxout(2)", {4, 2, 3}},
      {"reshape(3, 2)", {12}},
      {"reshape(2, 1, 4)", {2, 2, 2}},
      {"flatten", {2, 2, 3}},
      {"upsample(3)", {2, 2, 3}},
      {"pixel_shuffle(2)", {8, 2, 3}},
      {"max_pool(4, stride=2)", {2, 6, 8}},
      {"max_pool(3, stride=2, padding=1)", {2, 5, 5}},
      {"average_pool", {2, 4, 6}},
      {"average_pool(3, stride=2, padding=1)", {2, 5, 5}},
      {"global_average", {3, 3, 2}},
      {"global_sum", {3, 3, 2}},
      {"dropout(0.6)", {8}},
      {"dropout(0.8, 1.25, mode=always)", {2, 2, 3}},
      {"noise(0.3)", {5}},
      {"noise_concat(2)", {4}},
      {"noise_concat(1, 0.5)", {2, 2, 2}},
      {"batch_deviation", {5}},
      {"batch_deviation", {2, 2, 3}},
      {"batch_discrimination(2, 3)", {4}},
      {"batch_discrimination(kernels=2, depth=2)", {1, 2, 2}},
  };
  return rows;
}

std::vector<int64_t> batch_sizes(int64_t n, const Shape& shape) {
  if (shape.is_vector()) return {n, shape.channels};
  return {n, shape.channels, shape.height, shape.width};
}

/// A layer with drawn weights, in double precision.
std::unique_ptr<Layer> double_layer(const std::string& text, const Shape& input, uint64_t seed = 1) {
  auto layer = make_layer(text, input);
  auto generator = make_generator(seed);
  layer->reset({}, generator);
  for (const auto* list : {&layer->parameters(), &layer->buffers()})
    for (const auto& [name, value] : *list) value.set_data(value.to(torch::kFloat64));
  return layer;
}

Tensor walk(Layer& layer, const Tensor& x, bool training = true, bool update_statistics = false, uint64_t seed = 5) {
  Pass pass{.training = training, .update_statistics = update_statistics, .noise = make_generator(seed)};
  return layer.forward(x, pass);
}

bool is_same(const Tensor& a, const Tensor& b) { return torch::equal(a, b); }

Tensor drawn(torch::IntArrayRef sizes, uint64_t seed = 3) {
  auto generator = make_generator(seed);
  return torch::empty(sizes, torch::kFloat64).normal_(0, 1, generator);
}

/// The power iteration must stand still, or the largest singular value is not yet what the gradient takes it for.
void settle(Layer& layer, const Tensor& x, int walks = 400) {
  torch::NoGradGuard no_grad;
  for (int i = 0; i < walks; ++i) walk(layer, x, true, true);
}

class EveryLayer : public testing::TestWithParam<Spelling> {
 protected:
  void SetUp() override {
    layer_ = double_layer(GetParam().text, GetParam().input);
    auto generator = make_generator(2);
    x_ = normal_leaf(batch_sizes(3, GetParam().input), generator);
    if (GetParam().text.find("spectral") != std::string::npos) settle(*layer_, x_);
    inputs_ = {x_};
    for (const auto& [name, value] : layer_->parameters()) inputs_.push_back(value);
    mixture_ = drawn(walk(*layer_, x_).sizes());
  }
  /// A smooth number of the output in which every output weighs differently.
  Tensor value() const { return (torch::tanh(walk(*layer_, x_)) * mixture_).sum(); }

  std::unique_ptr<Layer> layer_;
  Tensor x_, mixture_;
  std::vector<Tensor> inputs_;
};

TEST_P(EveryLayer, HasTheGradientsOfCentralDifferences) {
  EXPECT_TRUE(check_gradients([&] { return value(); }, inputs_));
}

TEST_P(EveryLayer, HasTheSecondGradientsOfCentralDifferences) {
  EXPECT_TRUE(check_second_gradients([&] { return value(); }, x_, inputs_));
}

TEST_P(EveryLayer, ComputesTheShapeItDeclares) {
  for (const bool training : {true, false}) {
    const auto y = walk(*layer_, x_, training);
    const auto& declared = layer_->output();
    const auto as_picture = std::vector<int64_t>{3, declared.channels, declared.height, declared.width};
    const bool as_vector = declared.is_vector() && y.sizes() == torch::IntArrayRef({3, declared.channels});
    EXPECT_TRUE(as_vector || y.sizes() == torch::IntArrayRef(as_picture))
        << "declared " << to_string(declared) << ", computed " << y.sizes();
  }
}

TEST_P(EveryLayer, KeepsGroupsApartUnlessItSaysOtherwise) {
  const auto text = GetParam().text;
  if (text.starts_with("dropout") || text.starts_with("noise") || text.find("spectral") != std::string::npos) {
    // Random ones draw other numbers; spectral norms take one step of their iteration instead of two. What the one
    // group becomes must not depend on the other all the same.
    const auto of_first = [&](uint64_t seed) {
      Pass pass{.training = true, .update_statistics = false, .noise = make_generator(5), .groups = 2};
      return layer_->forward(torch::cat({x_, drawn(x_.sizes(), seed)}), pass).narrow(0, 0, x_.size(0));
    };
    EXPECT_EQ(torch::equal(of_first(3), of_first(4)), layer_->keeps_groups_apart());
    EXPECT_TRUE(layer_->keeps_groups_apart());
    return;
  }
  const auto other = drawn(x_.sizes()).requires_grad_();
  const auto walk_groups = [&](const Tensor& x, int64_t groups) {
    Pass pass{.training = true, .update_statistics = true, .noise = make_generator(5), .groups = groups};
    return layer_->forward(x, pass);
  };
  // Output, gradients, and the state that the walks leave.
  const auto all_of = [&](const std::function<Tensor()>& f) {
    std::vector<Tensor> before;
    for (const auto& [name, value] : layer_->buffers()) before.push_back(value.clone());
    const auto y = f();
    auto all = torch::autograd::grad({torch::tanh(y).square().sum()}, {x_, other});
    all.push_back(y);
    for (size_t i = 0; i < before.size(); ++i) {
      all.push_back(layer_->buffers()[i].value.clone());
      layer_->buffers()[i].value.copy_(before[i]);
    }
    return all;
  };
  const auto together = all_of([&] { return walk_groups(torch::cat({x_, other}), 2); });
  const auto apart = all_of([&] { return torch::cat({walk_groups(x_, 1), walk_groups(other, 1)}); });
  bool same = true;
  for (size_t i = 0; i < together.size(); ++i) same = same && torch::allclose(together[i], apart[i], 1e-9, 1e-12);
  EXPECT_EQ(same, layer_->keeps_groups_apart());
}

TEST_P(EveryLayer, LeavesItsStateAloneWithoutUpdateStatistics) {
  std::vector<Tensor> before;
  for (const auto& [name, value] : layer_->buffers()) before.push_back(value.clone());
  walk(*layer_, x_, true, false);
  walk(*layer_, x_, false, false);
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_TRUE(is_same(before[i], layer_->buffers()[i].value)) << layer_->buffers()[i].name;
}

INSTANTIATE_TEST_SUITE_P(Layers, EveryLayer, testing::ValuesIn(spellings()), [](const auto& info) {
  return fmt::format("{}_{}", info.index, Arguments(info.param.text).name());
});

TEST(LayerList, HasARowHereForEveryEntry) {
  std::set<std::string> checked;
  for (const auto& row : spellings()) checked.insert(Arguments(row.text).name());
  for (const auto& entry : wiring_layers()) checked.insert(entry.name);  // they have a file of their own
  for (const auto& entry : layer_entries())
    EXPECT_TRUE(checked.contains(entry.name)) << entry.name << " is not among the spellings of this file";
}

TEST(LayerList, NamesEveryLayerOnceWithAUsageThatBeginsWithTheName) {
  std::set<std::string> names;
  for (const auto& entry : layer_entries()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(Arguments(entry.usage).name(), entry.name);
    EXPECT_FALSE(entry.line.empty()) << entry.name;
  }
}

std::string refusal(const std::string& text, const Shape& input) {
  try {
    make_layer(text, input);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

TEST(LayerList, RefusesAnUnknownLayerWithTheNearestName) {
  EXPECT_EQ(refusal("batchnorm", {4}), "'batchnorm': no such layer; did you mean 'batch_norm'?");
  EXPECT_EQ(refusal("qqqqqqqq(3)", {4}), "'qqqqqqqq(3)': no such layer; `duet list layers` names them all");
}

TEST(LayerList, RefusesWhatDoesNotFitItsInput) {
  EXPECT_EQ(refusal("conv(8, kernel=5)", {3, 4, 4}),
            "'conv(8, kernel=5)': a 5x5 kernel does not fit its input of 3x4x4; use a smaller kernel or more padding");
  EXPECT_EQ(refusal("maxout(5)", {12}), "'maxout(5)': 12 units do not divide into groups of 5");
  EXPECT_EQ(refusal("pixel_shuffle(2)", {6, 2, 2}), "'pixel_shuffle(2)': 6 channels do not divide by 4");
  EXPECT_EQ(refusal("reshape(3, 3)", {26}), "'reshape(3, 3)': 26 numbers cannot become 3x3x3 (27 numbers)");
  EXPECT_EQ(refusal("max_pool(4)", {2, 3, 8}), "'max_pool(4)': the window does not fit an input of 2x3x8");
  EXPECT_EQ(refusal("conv_transpose(2, kernel=2, stride=1, padding=3)", {2, 3, 3}),
            "'conv_transpose(2, kernel=2, stride=1, padding=3)': padding 3 leaves nothing of an input of 2x3x3");
  EXPECT_EQ(refusal("conv_transpose(2, output_padding=2)", {2, 3, 3}),
            "'conv_transpose(2, output_padding=2)': output_padding 2 must be less than the stride 2");
  EXPECT_EQ(refusal("dropout(0)", {3}), "'dropout(0)': keep = 0; expected a probability above 0");
}

// A vector is handed over as [N, F]: a layer that needs pictures must refuse it when the network is made, not while
// training.
TEST(LayerList, EveryLayerEitherWalksAVectorOrRefusesIt) {
  for (const auto& row : spellings()) {
    std::unique_ptr<Layer> layer;
    try {
      layer = make_layer(row.text, {12});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::recipe) << row.text;
      continue;
    }
    EXPECT_NO_THROW(walk(*layer, torch::ones({3, 12}))) << row.text;
  }
}

TEST(Dropout, KeepsAtItsRateAndScalesByItsOwnNumber) {
  const int64_t n = 200'000;
  const auto y = walk(*make_layer("dropout(0.8, 3)", {n}), torch::ones({1, n}));
  const double kept = (y != 0).to(torch::kFloat64).mean().item<double>();
  EXPECT_NEAR(kept, 0.8, 4 * std::sqrt(0.8 * 0.2 / n));
  EXPECT_TRUE(((y == 0) | (y == 3)).all().item<bool>());
}

TEST(Dropout, ScalesByOneOverKeepUnlessTold) {
  const auto y = walk(*make_layer("dropout(0.25)", {1000}), torch::ones({1, 1000}));
  EXPECT_EQ(y.max().item<double>(), 4);
}

TEST(Dropout, DropsNothingWhenSampling) {
  const auto x = drawn({2, 50});
  EXPECT_TRUE(is_same(walk(*make_layer("dropout(0.5)", {50}), x, /*training=*/false), x));
}

TEST(NoisyLayers, WithModeAlwaysAreRandomWhenSamplingYetRepeatableForOneSeed) {
  for (const auto* text : {"dropout(0.5, mode=always)", "noise(0.5, mode=always)", "noise_concat(3)"}) {
    const auto layer = make_layer(text, {50});
    const auto x = drawn({2, 50});
    const auto a = walk(*layer, x, false, false, 1);
    EXPECT_TRUE(is_same(a, walk(*layer, x, false, false, 1))) << text;
    EXPECT_FALSE(is_same(a, walk(*layer, x, false, false, 2))) << text;
  }
}

TEST(NoisyLayers, DrawFreshNumbersOnEveryWalk) {
  const auto layer = make_layer("dropout(0.5)", {50});
  const auto x = torch::ones({2, 50});
  Pass pass{.training = true, .update_statistics = false, .noise = make_generator(1)};
  EXPECT_FALSE(is_same(layer->forward(x, pass), layer->forward(x, pass)));
}

TEST(NoisyLayers, SayWhenTheyAreWalkedWithoutAGenerator) {
  Pass pass{.training = true, .update_statistics = false, .noise = {}};
  EXPECT_THROW(make_layer("noise", {3})->forward(torch::ones({1, 3}), pass), Error);
}

TEST(GaussianNoise, HasTheDeviationItIsToldAndNoneWhenSampling) {
  const auto layer = make_layer("noise(0.3)", {100'000});
  const auto y = walk(*layer, torch::zeros({1, 100'000}, torch::kFloat64));
  EXPECT_NEAR(y.std().item<double>(), 0.3, 0.003);
  EXPECT_NEAR(y.mean().item<double>(), 0, 0.004);
  EXPECT_EQ(walk(*layer, torch::zeros({1, 100'000}), false).abs().max().item<double>(), 0);
}

TEST(BatchNorm, GivesMeanZeroAndVarianceOnePerChannelInTraining) {
  const auto layer = double_layer("batch_norm(affine=false, eps=1e-12)", {3, 4, 4});
  const auto y = walk(*layer, drawn({8, 3, 4, 4}) * 5 + 2);
  EXPECT_LT(y.mean({0, 2, 3}).abs().max().item<double>(), 1e-10);
  EXPECT_LT((y.square().mean({0, 2, 3}) - 1).abs().max().item<double>(), 1e-9);
}

TEST(BatchNorm, TreatsAnExampleAloneWhenSampling) {
  const auto layer = double_layer("batch_norm", {4});
  settle(*layer, drawn({16, 4}) * 3 + 1, 30);
  const auto x = drawn({5, 4}, 9);
  const auto together = walk(*layer, x, false), alone = walk(*layer, x.narrow(0, 2, 1), false);
  EXPECT_LT((together.narrow(0, 2, 1) - alone).abs().max().item<double>(), 1e-12);
}

TEST(BatchNorm, MovesItsStatisticsByItsMomentumTowardsTheBatch) {
  const auto layer = double_layer("batch_norm(momentum=0.25)", {1});
  const auto x = torch::tensor({1.0, 3.0, 8.0}, torch::kFloat64).view({3, 1});
  walk(*layer, x, true, true);
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
  EXPECT_TRUE(is_same(walk(*layer, x, /*training=*/false), walk(*layer, x, /*training=*/true)));
  EXPECT_TRUE(is_same(layer->buffers()[0].value, torch::zeros({4}, torch::kFloat64)));
}

TEST(ExampleNorms, NormaliseEachExampleOverTheirOwnNumbers) {
  const auto x = drawn({2, 3, 4, 5}) * 4 + 1;
  const auto over_space = walk(*double_layer("instance_norm(affine=false, eps=1e-12)", {3, 4, 5}), x);
  EXPECT_LT(over_space.mean({2, 3}).abs().max().item<double>(), 1e-10);
  EXPECT_LT((over_space.square().mean({2, 3}) - 1).abs().max().item<double>(), 1e-9);
  const auto over_all = walk(*double_layer("layer_norm(affine=false, eps=1e-12)", {3, 4, 5}), x);
  EXPECT_LT(over_all.mean({1, 2, 3}).abs().max().item<double>(), 1e-10);
  EXPECT_LT((over_all.square().mean({1, 2, 3}) - 1).abs().max().item<double>(), 1e-9);
  const auto over_channels = walk(*double_layer("pixel_norm(eps=1e-12)", {3, 4, 5}), x);
  EXPECT_LT((over_channels.square().mean(1) - 1).abs().max().item<double>(), 1e-9);
}

TEST(PixelShuffle, InvertsItsUnshuffle) {
  const int64_t r = 3;
  const auto y = drawn({2, 2, 6, 9});
  const auto unshuffled = y.view({2, 2, 2, r, 3, r}).permute({0, 1, 3, 5, 2, 4}).reshape({2, 2 * r * r, 2, 3});
  EXPECT_TRUE(is_same(walk(*make_layer("pixel_shuffle(3)", {18, 2, 3}), unshuffled), y));
}

TEST(Upsample, RepeatsEveryPixel) {
  const auto y = walk(*make_layer("upsample(2)", {1, 1, 2}), torch::tensor({1.0, 2.0}).view({1, 1, 1, 2}));
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
    const double ax_y = (walk(*conv, x) * y).sum().item<double>();
    const double x_ay = (x * walk(*transposed, y)).sum().item<double>();
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
  EXPECT_TRUE(is_same(walk(*make_layer("max_pool(4, stride=2)", {3, 12, 12}), x), pooled(x, 4, 2, 0)));
  EXPECT_TRUE(is_same(walk(*make_layer("max_pool(3, 2, 1)", {3, 12, 12}), x), pooled(x, 3, 2, 1)));
}

TEST(Activations, HaveTheValuesOfTheirFormulas) {
  const auto x = torch::tensor({-4.0, -1.5, 0.0, 3.5}, torch::kFloat64).view({1, 4});
  const auto expect = [&](const std::string& text, const std::vector<double>& values) {
    const auto y = walk(*double_layer(text, {4}), x).flatten();
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
  EXPECT_TRUE(is_same(walk(*make_layer("maxout(3)", {6}), x), torch::tensor({5.0, -1.0}).view({1, 2})));
}

TEST(BatchDeviation, IsNothingForIdenticalRowsAndTheMeanDeviationOtherwise) {
  const auto layer = make_layer("batch_deviation", {3});
  const auto same = walk(*layer, drawn({1, 3}).expand({4, 3}));
  EXPECT_LT((same.select(1, 3) - 1e-4).abs().max().item<double>(), 1e-9);  // the root of 1e-8
  const auto apart = walk(*layer, torch::tensor({1.0, -2.0, 0.0, -1.0, 2.0, 0.0}, torch::kFloat64).view({2, 3}));
  EXPECT_LT((apart.select(1, 3) - 1).abs().max().item<double>(), 1e-3);
}

TEST(BatchDiscrimination, CountsIdenticalOthersAsOneAndFarOnesAsZero) {
  const auto layer = double_layer("batch_discrimination(2, 3)", {4});
  const auto row = drawn({1, 4});
  const auto y = walk(*layer, torch::cat({row, row, row + 1e3}));
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
    y = walk(layer, x, false).flatten(1).t();
  } else {  // a transposed convolution of one pixel writes its kernel
    x = torch::eye(matrix.size(0), torch::kFloat64).view({matrix.size(0), matrix.size(0), 1, 1});
    y = walk(layer, x, false).flatten(1);
  }
  return torch::linalg_svdvals(y)[0].item<double>();
}

TEST(SpectralNorm, BringsTheLargestSingularValueToOneAfterSomeTrainingWalks) {
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
